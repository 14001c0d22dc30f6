package relay

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	pb "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/pb"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// member returns a private host that has a reservation.
func member(t *testing.T, s *Server, a *accounts, account pdx.Address) host.Host {
	t.Helper()
	h := newHost(t, true)
	a.prove(h.ID(), account, true)
	require.NoError(t, reserve(t, h, s))
	return h
}

func reserve(t *testing.T, h host.Host, s *Server) error {
	t.Helper()
	require.NoError(t, h.Connect(t.Context(), infoOf(s.cfg.Host)))
	_, err := client.Reserve(t.Context(), h, infoOf(s.cfg.Host))
	return err
}

func requireStatus(t *testing.T, want pb.Status, err error) {
	t.Helper()
	var refused client.ReservationError
	require.True(t, errors.As(err, &refused), "%v", err)
	require.Equal(t, want, refused.Status)
}

func TestOnlyStakedAccountsReserve(t *testing.T) {
	s, a := newServer(t, Limits{})
	nameless, poor := newHost(t, true), newHost(t, true)
	requireStatus(t, pb.Status_PERMISSION_DENIED, reserve(t, nameless, s))
	a.prove(poor.ID(), "poor", false)
	requireStatus(t, pb.Status_PERMISSION_DENIED, reserve(t, poor, s))
	member(t, s, a, "seller")
	for reason, n := range map[string]float64{refusedNameless: 1, refusedAccount: 1} {
		require.Equal(t, n, value(t, s.metrics.refused.WithLabelValues(reason)), reason)
	}
	require.Equal(t, Usage{Serves: true, Peers: 1}, s.Usage())
	require.True(t, s.cfg.Host.ConnManager().IsProtected(memberOf(s), reservedTag), "a crowd does not cut off who is reached here")
}

func memberOf(s *Server) (id peer.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id = range s.peers {
	}
	return id
}

// A stranger reaches members, whom nothing else can reach, but nobody else; the ends know
// each other, since what a relay passes on is encrypted between them.
func TestStrangersReachOnlyMembers(t *testing.T) {
	s, a := newServer(t, Limits{})
	to, apart := member(t, s, a, "seller"), newHost(t, true)
	require.NoError(t, apart.Connect(t.Context(), infoOf(s.cfg.Host)))
	stranger := newHost(t, true)
	require.ErrorContains(t, connect(t, stranger, s.cfg.Host, apart.ID()), "NO_RESERVATION")
	require.NoError(t, connect(t, stranger, s.cfg.Host, to.ID()))
	conn := stranger.Network().ConnsToPeer(to.ID())[0]
	require.False(t, conn.Stat().Limited, "the whole protocol stack runs over such a connection")
	require.True(t, IsRelayed(conn))
	id, ok := Of(conn.RemoteMultiaddr())
	require.True(t, ok)
	require.Equal(t, s.cfg.Host.ID(), id)
}

// A peer id, and an account with many of them, takes no more than its share.
func TestReservationsAreBounded(t *testing.T) {
	s, a := newServer(t, Limits{Reservations: perAccount + 1})
	for range perAccount {
		member(t, s, a, "crowd")
	}
	more := newHost(t, true)
	a.prove(more.ID(), "crowd", true)
	requireStatus(t, pb.Status_PERMISSION_DENIED, reserve(t, more, s))
	other := member(t, s, a, "other")
	require.NoError(t, reserve(t, other, s), "a renewal takes no further slot")
	last := newHost(t, true)
	a.prove(last.ID(), "late", true)
	requireStatus(t, pb.Status_PERMISSION_DENIED, reserve(t, last, s))
	require.Equal(t, float64(2), value(t, s.metrics.refused.WithLabelValues(refusedFull)))
	require.NoError(t, other.Network().ClosePeer(s.cfg.Host.ID()))
	require.Eventually(t, func() bool { return s.Usage().Peers == perAccount }, patience, poll, "who leaves frees its slot")
}

// A flood of requests costs the relay no more than a counter.
func TestFloodOfRequests(t *testing.T) {
	s, a := newServer(t, Limits{})
	flooder := newHost(t, true)
	require.NoError(t, flooder.Connect(t.Context(), infoOf(s.cfg.Host)))
	a.prove(flooder.ID(), "poor", false)
	for range int(asks.Burst) + 40 {
		if _, err := client.Reserve(t.Context(), flooder, peer.AddrInfo{ID: s.cfg.Host.ID()}); err == nil {
			t.Fatal("reserved")
		}
	}
	require.Positive(t, value(t, s.metrics.refused.WithLabelValues(refusedOften)))
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.hops) == 0
	}, patience, poll, "requests leave nothing behind")
}

// send sends n bytes over a stream to an echoing peer and returns what came back.
func send(t *testing.T, from host.Host, to peer.ID, n int64) int64 {
	t.Helper()
	st, err := from.NewStream(t.Context(), to, "/echo")
	require.NoError(t, err)
	defer st.Reset()
	go func() {
		_, _ = io.CopyN(st, zeros{}, n)
		_ = st.CloseWrite()
	}()
	got, _ := io.CopyN(io.Discard, st, n)
	return got
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestCircuitsAboveTheirLimitAreCut(t *testing.T) {
	const limit = 4 << 20
	for name, c := range map[string]struct {
		limits  Limits
		account bool
		reason  string
	}{
		"account":  {Limits{AccountBytes: limit}, true, cutAccount},
		"all":      {Limits{TotalBytes: limit}, true, cutTotal},
		"stranger": {Limits{AccountBytes: limit}, false, cutStranger},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := newServer(t, c.limits)
			to, from := member(t, s, a, "seller"), newHost(t, true)
			echo(to)
			if c.account {
				a.prove(from.ID(), "buyer", true)
			}
			require.NoError(t, connect(t, from, s.cfg.Host, to.ID()))
			require.EqualValues(t, 100<<10, send(t, from, to.ID(), 100<<10))
			require.Equal(t, 1, s.Usage().Circuits)
			require.Less(t, send(t, from, to.ID(), 4*limit), int64(limit))
			require.Positive(t, value(t, s.metrics.cut.WithLabelValues(c.reason)))
			require.Eventually(t, func() bool { return from.Network().Connectedness(to.ID()) == network.NotConnected }, patience, poll)
			require.Error(t, connect(t, from, s.cfg.Host, to.ID()), "the allowance is used up")
			require.Positive(t, value(t, s.metrics.refused.WithLabelValues(refusedUsed)))
		})
	}
}

// An account that used up its allowance takes nothing from that of the member it talked to.
func TestWhoOpensACircuitPays(t *testing.T) {
	s, a := newServer(t, Limits{AccountBytes: 4 << 20})
	to, greedy, other := member(t, s, a, "seller"), newHost(t, true), newHost(t, true)
	echo(to)
	a.prove(greedy.ID(), "greedy", true)
	a.prove(other.ID(), "other", true)
	require.NoError(t, connect(t, greedy, s.cfg.Host, to.ID()))
	send(t, greedy, to.ID(), 16<<20)
	require.NoError(t, connect(t, other, s.cfg.Host, to.ID()))
	require.EqualValues(t, 1<<20, send(t, other, to.ID(), 1<<20))
}

func TestRateMakesCircuitsWait(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	m := newMeter(Limits{AccountBytes: 1 << 30, TotalBytes: 1 << 30, Rate: 1 << 20})
	wait, why := m.take(payer{account: "a"}, 1<<20, now)
	require.Zero(t, wait, "what was saved up")
	require.Empty(t, why)
	wait, why = m.take(payer{account: "a"}, 512<<10, now)
	require.Equal(t, time.Second/2, wait)
	require.Empty(t, why)
	_, why = m.take(payer{account: "b"}, 32<<20, now)
	require.Equal(t, cutRate, why)
}

func TestStoppedRelayCutsCircuits(t *testing.T) {
	s, a := newServer(t, Limits{})
	to, from := member(t, s, a, "seller"), newHost(t, true)
	require.NoError(t, connect(t, from, s.cfg.Host, to.ID()))
	require.NoError(t, s.Serve(true), "again")
	require.NoError(t, s.Serve(false))
	require.NoError(t, s.Serve(false), "again")
	require.Eventually(t, func() bool { return from.Network().Connectedness(to.ID()) == network.NotConnected }, patience, poll)
	require.Equal(t, Usage{Bytes: s.Usage().Bytes}, s.Usage())
	protocols := s.cfg.Host.Mux().Protocols()
	require.NotContains(t, protocols, proto.ProtoIDv2Hop)
	require.NoError(t, s.Serve(true))
	require.NoError(t, reserve(t, to, s))
}

// value returns what a counter counts.
func value(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	require.NoError(t, c.Write(&m))
	return m.GetCounter().GetValue()
}
