package transfer

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	circuit "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	upstream "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/relay"
	"github.com/medibloc/pdx/transfer/activity"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// overRelay connects to to from over a relay without limits, and in no other way.
func overRelay(t *testing.T) (to, from host.Host) {
	t.Helper()
	middle := newHost(t, libp2p.ForceReachabilityPublic())
	r, err := upstream.New(middle, upstream.WithInfiniteLimits())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	to, from = newHost(t, libp2p.EnableRelay()), newHost(t, libp2p.EnableRelay())
	at := peer.AddrInfo{ID: middle.ID(), Addrs: middle.Addrs()}
	require.NoError(t, from.Connect(t.Context(), at))
	_, err = circuit.Reserve(t.Context(), from, at)
	require.NoError(t, err)
	through := multiaddr.StringCast(middle.Addrs()[0].String() + "/p2p/" + middle.ID().String() + "/p2p-circuit")
	require.NoError(t, to.Connect(t.Context(), peer.AddrInfo{ID: from.ID(), Addrs: []multiaddr.Multiaddr{through}}))
	require.Equal(t, network.Connected, to.Network().Connectedness(from.ID()))
	return to, from
}

// wire forwards TCP to a host until it is cut: then nothing passes, and nobody is told.
type wire struct {
	listener net.Listener
	mu       sync.RWMutex // read by whoever passes bytes on; locked for ever once it is cut
	work     sync.WaitGroup
	end      chan struct{}
}

func newWire(t *testing.T, to host.Host) (w *wire, addr multiaddr.Multiaddr) {
	t.Helper()
	target := strings.Split(to.Addrs()[0].String(), "/")
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	w = &wire{listener: listener, end: make(chan struct{})}
	w.work.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp4", net.JoinHostPort(target[2], target[4]))
			if err != nil {
				_ = in.Close()
				return
			}
			w.work.Go(func() { w.pass(in, out) })
			w.work.Go(func() { w.pass(out, in) })
		}
	})
	t.Cleanup(func() { close(w.end); _ = listener.Close(); w.work.Wait() })
	port := strings.TrimPrefix(listener.Addr().String(), "127.0.0.1:")
	return w, multiaddr.StringCast("/ip4/127.0.0.1/tcp/" + port)
}

func (w *wire) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	stop := make(chan struct{})
	defer close(stop)
	w.work.Go(func() { // ends a read
		select {
		case <-w.end:
			_ = from.Close()
		case <-stop:
		}
	})
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if !w.mu.TryRLock() {
			<-w.end
			return
		}
		_, err = to.Write(buf[:n])
		w.mu.RUnlock()
		if err != nil {
			return
		}
	}
}

// cut ends the wire in the middle of everything.
func (w *wire) cut() { w.mu.Lock() }

// A pull that began over a relay goes on over a direct connection as soon as there is one,
// and over the relay again when that connection dies without a word. Nothing that was
// verified is asked for again.
func TestPullChangesPaths(t *testing.T) {
	to, from := overRelay(t)
	data := blobtest.Bytes(96*seg, 7)
	there := mem.New()
	id := blobtest.Add(t, there, data)
	server := serve(t, from, there, everybody, WithUpload(Upload{Rate: 1 << 20}))
	log, counters := activity.NewLog(), NewMetrics(nil)
	store := mem.New()
	client := newClient(t, ClientConfig{Host: to, Store: store, Activities: log, Metrics: counters}, small, func(l *clientLimits) {
		l.silentTime, l.streams, l.workers = 500*time.Millisecond, 1, 1
	})
	done := make(chan error, 1)
	go func() { done <- client.Pull(t.Context(), from.ID(), id, uint64(len(data)), nil) }()
	held := func() uint64 { return log.List()[0].Held }
	route := func() activity.Route { return log.List()[0].Routes[0] }
	require.Eventually(t, func() bool { return len(log.List()) > 0 && held() > 4*seg }, time.Minute, 5*time.Millisecond)
	require.True(t, route().Relayed)

	direct, addr := newWire(t, from)
	to.Peerstore().ClearAddrs(from.ID()) // identify has brought one that needs no wire
	ctx := network.WithForceDirectDial(t.Context(), "test")
	require.NoError(t, to.Connect(ctx, peer.AddrInfo{ID: from.ID(), Addrs: []multiaddr.Multiaddr{addr}}))
	require.Eventually(t, func() bool { return !route().Relayed }, time.Minute, 5*time.Millisecond)
	before := held()
	require.Eventually(t, func() bool { return held() > before+4*seg }, time.Minute, 5*time.Millisecond)

	direct.cut()
	server.SetUpload(Upload{})
	require.NoError(t, <-done)
	require.True(t, route().Relayed, "the direct path is dead")
	for _, conn := range to.Network().ConnsToPeer(from.ID()) {
		require.True(t, relay.IsRelayed(conn))
	}
	require.Zero(t, count(t, counters.refetchedBytes))
}
