package multiconn_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx/p2p/multiconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kind is a transport and where it listens.
type kind struct {
	transport any
	address   string
}

var (
	tcp  = kind{multiconn.NewTCP, "/ip4/127.0.0.1/tcp/0"}
	quic = kind{multiconn.NewQUIC, "/ip4/127.0.0.1/udp/0/quic-v1"}
)

// onEach runs the test on each transport.
func onEach(t *testing.T, test func(*testing.T, kind)) {
	for name, k := range map[string]kind{"TCP": tcp, "QUIC": quic} {
		t.Run(name, func(t *testing.T) { test(t, k) })
	}
}

func newHost(t *testing.T, k kind) host.Host {
	t.Helper()
	h, err := libp2p.New(
		libp2p.ListenAddrStrings(k.address),
		libp2p.Transport(k.transport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	h.SetStreamHandler("/echo", func(s network.Stream) {
		_, _ = io.Copy(s, s)
		_ = s.Close()
	})
	return h
}

// connected are two hosts and the connection that the first has to the second.
func connected(t *testing.T, k kind) (from, to host.Host, c *multiconn.Conn) {
	t.Helper()
	from, to = newHost(t, k), newHost(t, k)
	require.NoError(t, from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: to.Addrs()}))
	require.True(t, from.Network().ConnsToPeer(to.ID())[0].As(&c))
	return from, to, c
}

func echo(ctx context.Context, t *testing.T, from, to host.Host, text string) {
	t.Helper()
	s, err := from.NewStream(ctx, to.ID(), "/echo")
	require.NoError(t, err)
	require.NoError(t, s.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = s.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, s.CloseWrite())
	got, err := io.ReadAll(s)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
	_ = s.Close()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, 20*time.Second, 5*time.Millisecond, what)
}

func TestWidenFromBothSides(t *testing.T) { onEach(t, widenFromBothSides) }

func widenFromBothSides(t *testing.T, k kind) {
	from, to, c := connected(t, k)
	var arrived atomic.Int32
	lease := c.Widen(t.Context(), 4, nil, func() { arrived.Add(1) })
	require.EqualValues(t, 3, arrived.Load(), "each new connection was told of")
	require.Equal(t, 4, lease.Connections())
	require.Len(t, from.Network().ConnsToPeer(to.ID()), 1, "libp2p knows of one")
	eventually(t, "the other side sees four", func() bool { return len(to.Network().ConnsToPeer(from.ID())) == 4 })
	for index := range 6 {
		echo(multiconn.On(t.Context(), index), t, from, to, "there")
	}
	for range 6 {
		echo(t.Context(), t, to, from, "back") // on whichever connection it picks
	}
	more := c.Widen(t.Context(), 100, nil, nil)
	require.Equal(t, multiconn.MaxConns, more.Connections())
	lease.Release()
	require.Equal(t, multiconn.MaxConns, more.Connections(), "somebody needs them")
	more.Release()
	more.Release()
	eventually(t, "one is left", func() bool { return len(to.Network().ConnsToPeer(from.ID())) == 1 })
	echo(multiconn.On(t.Context(), 3), t, from, to, "still")
}

// What the peer dialled is widened by dialling it.
func TestWidenInbound(t *testing.T) { onEach(t, widenInbound) }

func widenInbound(t *testing.T, k kind) {
	from, to, _ := connected(t, k)
	var c *multiconn.Conn
	eventually(t, "connected", func() bool { return len(to.Network().ConnsToPeer(from.ID())) == 1 })
	require.True(t, to.Network().ConnsToPeer(from.ID())[0].As(&c))
	lease := c.Widen(t.Context(), 3, from.Addrs(), nil)
	defer lease.Release()
	require.Equal(t, 3, lease.Connections())
	for index := range 3 {
		echo(multiconn.On(t.Context(), index), t, to, from, "hello")
	}
}

// An extra connection may die; the first one's end is the end.
func TestConnectionsEnd(t *testing.T) { onEach(t, connectionsEnd) }

func connectionsEnd(t *testing.T, k kind) {
	from, to, c := connected(t, k)
	lease := c.Widen(t.Context(), 3, nil, nil)
	defer lease.Release()
	eventually(t, "three", func() bool { return len(to.Network().ConnsToPeer(from.ID())) == 3 })
	for _, other := range to.Network().ConnsToPeer(from.ID())[1:] {
		require.NoError(t, other.Close())
	}
	eventually(t, "they are noticed", func() bool { return lease.Connections() == 1 })
	echo(multiconn.On(t.Context(), 2), t, from, to, "goes on")
	require.NoError(t, c.Close())
	eventually(t, "closed", func() bool { return len(from.Network().ConnsToPeer(to.ID())) == 0 })
	none := c.Widen(t.Context(), 3, nil, nil)
	require.Equal(t, 1, none.Connections(), "a closed connection stays closed")
	none.Release()
}

func TestNobodyAnswers(t *testing.T) { onEach(t, nobodyAnswers) }

func nobodyAnswers(t *testing.T, k kind) {
	from, to, c := connected(t, k)
	require.NoError(t, to.Network().Close())
	lease := c.Widen(t.Context(), 3, from.Addrs(), nil)
	require.Equal(t, 1, lease.Connections())
	lease.Release()
	var none *multiconn.Lease
	none.Release()
	require.Equal(t, 1, none.Connections())
}
