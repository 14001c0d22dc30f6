package alive

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	ownmgr "github.com/medibloc/pdx/p2p/connmgr"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/libp2p/go-flow-metrics.(*sweeper).run"))
}

const (
	patience = 20 * time.Second
	glance   = 5 * time.Millisecond
)

func newHost(t *testing.T, more ...libp2p.Option) host.Host {
	t.Helper()
	manager, err := connmgr.NewConnManager(10, 20)
	require.NoError(t, err)
	more = append(more, libp2p.ConnectionManager(manager))
	h, err := libp2p.New(append(more, libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// path forwards TCP to a host, from 127.0.0.2, until it is dead: then nothing passes, and nobody is
// told.
type path struct {
	listener net.Listener
	dead     atomic.Bool
	work     sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
}

func newPath(t *testing.T, to host.Host) *path {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	p := &path{listener: listener}
	target := strings.Split(to.Addrs()[0].String(), "/")
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	p.work.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := from.Dial("tcp4", net.JoinHostPort(target[2], target[4]))
			if err != nil {
				_ = in.Close()
				return
			}
			p.mu.Lock()
			p.conns = append(p.conns, in, out)
			p.mu.Unlock()
			p.work.Go(func() { p.pass(in, out) })
			p.work.Go(func() { p.pass(out, in) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.work.Wait()
	})
	return p
}

func (p *path) pass(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if p.dead.Load() && err == nil {
			continue
		}
		if _, failed := to.Write(buf[:n]); err != nil || failed != nil {
			return
		}
	}
}

// connect connects a host to another over the path.
func (p *path) connect(t *testing.T, from, to host.Host) {
	t.Helper()
	port := p.listener.Addr().(*net.TCPAddr).AddrPort().Port()
	at := multiaddr.StringCast("/ip4/127.0.0.1/tcp/" + netip.AddrPortFrom(netip.IPv4Unspecified(), port).String()[len("0.0.0.0:"):])
	from.Peerstore().ClearAddrs(to.ID())
	require.NoError(t, from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: []multiaddr.Multiaddr{at}}))
	from.Peerstore().ClearAddrs(to.ID()) // identify has brought one that needs no path
}

func conns(h, to host.Host) int { return len(h.Network().ConnsToPeer(to.ID())) }

// run runs a Checker of a host, with short times, until the test ends.
func run(t *testing.T, h host.Host, change func(*Checker)) *Checker {
	t.Helper()
	c := New(Config{
		Host: h, Traffic: NewTraffic(), Interfaces: func() []netip.Addr { return nil }, Relays: func() []peer.ID { return nil },
		Log: slog.New(slog.DiscardHandler),
	})
	c.limits = limits{
		tick: glance, patience: time.Second, relay: 500 * time.Millisecond, older: time.Second, quiet: 10 * time.Millisecond, pause: glance,
	}
	if change != nil {
		change(c)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	t.Cleanup(func() { end(); <-ended })
	return c
}

func TestOnlyDeadPathsAreClosed(t *testing.T) {
	a, b, other := newHost(t), newHost(t), newHost(t)
	way, well := newPath(t, b), newPath(t, other)
	way.connect(t, a, b)
	well.connect(t, a, other)
	require.Empty(t, CloseDead(t.Context(), a.Network(), b.ID(), patience))
	way.dead.Store(true)
	require.Len(t, CloseDead(t.Context(), a.Network(), b.ID(), 500*time.Millisecond), 1)
	require.Eventually(t, func() bool { return conns(a, b) == 0 }, patience, glance)
	require.Empty(t, CloseDead(t.Context(), a.Network(), other.ID(), patience))
}

// A machine that moved or slept asks everybody.
func TestSuspicion(t *testing.T) {
	for name, suspect := range map[string]func(*Checker, *atomic.Bool){
		"it slept":                 func(c *Checker, _ *atomic.Bool) { c.Suspect() },
		"it has another interface": func(_ *Checker, moved *atomic.Bool) { moved.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b, other := newHost(t), newHost(t), newHost(t)
			way, well := newPath(t, b), newPath(t, other)
			way.connect(t, a, b)
			well.connect(t, a, other)
			var moved, read atomic.Bool
			c := run(t, a, func(c *Checker) {
				c.cfg.Interfaces = func() []netip.Addr {
					read.Store(true)
					if moved.Load() {
						return []netip.Addr{netip.MustParseAddr("10.0.0.1")}
					}
					return nil
				}
			})
			require.Eventually(t, read.Load, patience, glance)
			way.dead.Store(true)
			suspect(c, &moved)
			require.Eventually(t, func() bool { return conns(a, b) == 0 }, patience, glance)
			require.Equal(t, 1, conns(a, other))
		})
	}
}

// A party of a deal is dialled when the path to it is dead.
func TestDealsGoOn(t *testing.T) {
	a, b := newHost(t), newHost(t)
	way := newPath(t, b)
	way.connect(t, a, b)
	a.Peerstore().AddAddrs(b.ID(), b.Addrs(), time.Hour)
	a.ConnManager().TagPeer(b.ID(), ownmgr.Deal, ownmgr.DealWeight)
	c := run(t, a, nil)
	way.dead.Store(true)
	c.Suspect()
	require.Eventually(t, func() bool {
		left := a.Network().ConnsToPeer(b.ID())
		return len(left) == 1 && left[0].RemoteMultiaddr().Equal(b.Addrs()[0])
	}, patience, glance)
}

// When a relay does not answer, the paths to others are asked as well.
func TestSilentRelays(t *testing.T) {
	a, relay, other := newHost(t), newHost(t), newHost(t)
	way, with := newPath(t, relay), newPath(t, other)
	way.connect(t, a, relay)
	with.connect(t, a, other)
	run(t, a, func(c *Checker) { c.cfg.Relays = func() []peer.ID { return []peer.ID{relay.ID()} } })
	require.Never(t, func() bool { return conns(a, relay) == 0 }, 200*time.Millisecond, glance)
	way.dead.Store(true)
	with.dead.Store(true)
	require.Eventually(t, func() bool { return conns(a, relay)+conns(a, other) == 0 }, patience, glance)
}

// What moves bytes is alive, although an answer waits behind these.
func TestBusyConnectionsStay(t *testing.T) {
	traffic := NewTraffic()
	a, b := newHost(t, libp2p.BandwidthReporter(traffic)), newHost(t)
	way := newPath(t, b)
	way.connect(t, a, b)
	require.NotZero(t, traffic.Moved(b.ID()), "the host reports to it")
	c := run(t, a, func(c *Checker) { c.cfg.Traffic = traffic })
	way.dead.Store(true)
	busy := make(chan struct{})
	var moving sync.WaitGroup
	moving.Go(func() {
		for {
			select {
			case <-busy:
				return
			default:
				traffic.LogSentMessageStream(bulk, "", b.ID())
			}
		}
	})
	c.checkAll(t.Context())
	require.Equal(t, 1, conns(a, b))
	close(busy)
	moving.Wait()
	traffic.LogSentMessageStream(bulk-1, "", b.ID())
	c.checkAll(t.Context())
	require.Zero(t, conns(a, b))
}

// The former connection of a peer that comes from another address is asked.
func TestPeersThatMove(t *testing.T) {
	a, b := newHost(t), newHost(t)
	way := newPath(t, b)
	way.connect(t, a, b)
	require.Eventually(t, func() bool { return conns(b, a) == 1 }, patience, glance)
	run(t, b, nil)
	way.dead.Store(true)
	dialled := dialAgain(t, a, b)
	defer dialled.Close()
	require.Eventually(t, func() bool {
		left := b.Network().ConnsToPeer(a.ID())
		return len(left) == 1 && strings.HasPrefix(left[0].RemoteMultiaddr().String(), "/ip4/127.0.0.1/")
	}, patience, glance)
}

// dialAgain opens a second connection, which libp2p's host would not.
func dialAgain(t *testing.T, from, to host.Host) transport.CapableConn {
	t.Helper()
	s, ok := from.Network().(*swarm.Swarm)
	require.True(t, ok)
	c, err := s.TransportForDialing(to.Addrs()[0]).Dial(t.Context(), to.Addrs()[0], to.ID())
	require.NoError(t, err)
	return c
}

func TestTrafficForgetsWhoLeft(t *testing.T) {
	traffic := NewTraffic()
	traffic.LogRecvMessageStream(1, "", "here")
	traffic.LogRecvMessageStream(1, "", "gone")
	traffic.keep(func(id peer.ID) bool { return id == "here" })
	require.NotZero(t, traffic.Moved("here"))
	require.Zero(t, traffic.Moved("gone"))
}
