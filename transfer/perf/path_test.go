package perf_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/perf"
)

const chain = "test-1"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newHost is a real host on loopback, with connections that cannot be widened.
func newHost(t *testing.T) host.Host {
	t.Helper()
	return newHostOn(t, tcp.NewTCPTransport)
}

func newHostOn(t *testing.T, transport any) host.Host {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.Transport(transport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableMetrics(), libp2p.DisableIdentifyAddressDiscovery())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// pair is an asker that knows where to find an answerer, whose server runs.
func pair(t *testing.T, account accounts) (asker, answerer host.Host) {
	t.Helper()
	answerer = newHost(t)
	serve(t, answerer, account)
	return meet(newHost(t), answerer), answerer
}

// serve answers measurements on the host.
func serve(t *testing.T, answerer host.Host, account accounts) {
	t.Helper()
	server, err := perf.NewServer(perf.Config{Host: answerer, ChainID: chain, Account: account})
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	require.ErrorIs(t, server.Start(t.Context()), pdx.ErrWrongState)
	t.Cleanup(func() {
		require.NoError(t, server.Stop(context.WithoutCancel(t.Context())))
		require.NoError(t, server.Stop(context.WithoutCancel(t.Context())))
	})
}

// meet tells the first host where to find the other.
func meet(h, other host.Host) host.Host {
	h.Peerstore().AddAddrs(other.ID(), other.Addrs(), peerstore.PermanentAddrTTL)
	return h
}

// accounts is which account a peer speaks for.
type accounts = func(context.Context, peer.ID) (pdx.Address, error)

func everybody(context.Context, peer.ID) (pdx.Address, error) { return "panacea1everybody", nil }

func TestPing(t *testing.T) {
	asker, answerer := pair(t, everybody)
	rounds := 0
	for rtt, err := range perf.Ping(t.Context(), asker, answerer.ID()) {
		require.NoError(t, err)
		require.Positive(t, rtt)
		if rounds++; rounds == 3 {
			break
		}
	}
	require.Equal(t, 3, rounds)
}

func TestPingOfNobody(t *testing.T) {
	asker := newHost(t)
	for _, err := range perf.Ping(t.Context(), asker, newHost(t).ID()) {
		require.ErrorIs(t, err, pdx.ErrUnavailable)
	}
}

func TestPerfCountsEveryByteBothWays(t *testing.T) {
	asker, answerer := pair(t, everybody)
	last := map[perf.Direction]perf.Sample{}
	require.NoError(t, perf.Perf(t.Context(), asker, chain, answerer.ID(), 3<<20+1, 5<<20+7, func(s perf.Sample) {
		require.GreaterOrEqual(t, s.Bytes, last[s.Direction].Bytes)
		last[s.Direction] = s
	}))
	require.EqualValues(t, 3<<20+1, last[perf.Up].Bytes)
	require.EqualValues(t, 5<<20+7, last[perf.Down].Bytes)
	for _, s := range last {
		require.True(t, s.Done)
		require.Positive(t, s.Rate())
	}
}

func TestPerfOneWay(t *testing.T) {
	asker, answerer := pair(t, everybody)
	for _, c := range []struct {
		up, down uint64
		only     perf.Direction
	}{{1 << 20, 0, perf.Up}, {0, 1 << 20, perf.Down}} {
		require.NoError(t, perf.Perf(t.Context(), asker, chain, answerer.ID(), c.up, c.down, func(s perf.Sample) {
			require.Equal(t, c.only, s.Direction)
		}))
	}
}

func TestPerfIsRefusedToStrangers(t *testing.T) {
	asker, answerer := pair(t, func(context.Context, peer.ID) (pdx.Address, error) { return "", errors.New("a stranger") })
	err := perf.Perf(t.Context(), asker, chain, answerer.ID(), 1, 1, nil)
	require.ErrorIs(t, err, pdx.ErrRefused)
	require.NotContains(t, err.Error(), "stranger")
}

func TestPerfBounds(t *testing.T) {
	asker, answerer := pair(t, everybody)
	for _, c := range [][2]uint64{{perf.MaxBytes + 1, 0}, {0, perf.MaxBytes + 1}, {0, 0}} {
		require.ErrorIs(t, perf.Perf(t.Context(), asker, chain, answerer.ID(), c[0], c[1], nil), pdx.ErrInvalid)
	}
	require.ErrorIs(t, perf.Perf(t.Context(), asker, "other-1", answerer.ID(), 1, 1, nil), pdx.ErrUnavailable)
}

func TestRequestsThatAreNone(t *testing.T) {
	asker, answerer := pair(t, everybody)
	stream, err := asker.NewStream(t.Context(), answerer.ID(), perf.Protocol(chain))
	require.NoError(t, err)
	for range 16 {
		_, err = stream.Write([]byte{0xff})
		require.NoError(t, err)
	}
	answer := make([]byte, 2)
	n, _ := stream.Read(answer)
	require.Equal(t, []byte{3}, answer[:n])
	_ = stream.Reset()
}

// TestAPeerThatBreaksTheProtocol answers with a byte that means nothing, and
// with half of what it promised.
func TestAPeerThatBreaksTheProtocol(t *testing.T) {
	liar := newHost(t)
	asker := meet(newHost(t), liar)
	for _, c := range []struct {
		says []byte
		kind error
	}{{[]byte{9}, pdx.ErrCorrupt}, {[]byte{0, 0, 1, 2, 3}, pdx.ErrUnavailable}, {nil, pdx.ErrUnavailable}} {
		liar.SetStreamHandler(perf.Protocol(chain), func(s network.Stream) {
			_, _ = s.Write(c.says)
			_ = s.Close()
		})
		require.ErrorIs(t, perf.Perf(t.Context(), asker, chain, liar.ID(), 0, 1000, nil), c.kind)
	}
}

func TestPerfEndsWithItsContext(t *testing.T) {
	asker, answerer := pair(t, everybody)
	ctx, cancel := context.WithCancel(t.Context())
	err := perf.Perf(ctx, asker, chain, answerer.ID(), perf.MaxBytes, perf.MaxBytes, func(perf.Sample) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
}

func TestStopEndsMeasurements(t *testing.T) {
	answerer := newHost(t)
	asker := meet(newHost(t), answerer)
	server, err := perf.NewServer(perf.Config{Host: answerer, ChainID: chain, Account: everybody})
	require.NoError(t, err)
	require.NoError(t, server.Start(t.Context()))
	stream := stall(t, asker, answerer)
	require.NoError(t, server.Stop(t.Context()))
	require.NoError(t, stream.SetReadDeadline(time.Now().Add(time.Minute)))
	buffer := make([]byte, 1<<16)
	for err == nil {
		_, err = stream.Read(buffer)
	}
	require.NotErrorIs(t, err, context.DeadlineExceeded)
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]perf.Config{
		"host": {ChainID: chain, Account: everybody}, "chain": {Host: newHost(t), Account: everybody},
		"account": {Host: newHost(t), ChainID: chain},
	} {
		_, err := perf.NewServer(c)
		require.ErrorIs(t, err, pdx.ErrInvalid, name)
	}
}
