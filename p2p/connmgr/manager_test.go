package connmgr

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	basic "github.com/libp2p/go-libp2p/p2p/net/connmgr"

	core "github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a manager and the connections that it is told of.
type world struct {
	t *testing.T
	*Manager
	conns map[peer.ID][]*conn
}

// testHost is a host that has nothing but a manager.
type testHost struct {
	host.Host
	manager *Manager
}

func (h testHost) ConnManager() core.ConnManager { return h.manager }

func (w *world) host() host.Host { return testHost{manager: w.Manager} }

// conn is an idle inbound connection.
type conn struct {
	network.Conn
	w    *world
	id   peer.ID
	addr multiaddr.Multiaddr
}

func (c *conn) RemotePeer() peer.ID                  { return c.id }
func (c *conn) RemoteMultiaddr() multiaddr.Multiaddr { return c.addr }
func (c *conn) Stat() network.ConnStats {
	return network.ConnStats{Stats: network.Stats{Direction: network.DirInbound}}
}

func (c *conn) CloseWithError(network.ConnErrorCode) error {
	c.w.disconnect(c)
	return nil
}

// inWorld runs a test with a time of its own.
func inWorld(t *testing.T, test func(*testing.T, *world)) {
	synctest.Test(t, func(t *testing.T) {
		m, err := New(Config{})
		require.NoError(t, err)
		defer func() { require.NoError(t, m.Close()) }()
		test(t, &world{t: t, Manager: m, conns: map[peer.ID][]*conn{}})
	})
}

// connect adds a connection of a peer from an address.
func (w *world) connect(id peer.ID, from string) *conn {
	c := &conn{w: w, id: id, addr: multiaddr.StringCast(from)}
	w.conns[id] = append(w.conns[id], c)
	w.Notifee().Connected(nil, c)
	return c
}

func (w *world) disconnect(c *conn) {
	all := w.conns[c.id]
	for i, other := range all {
		if other == c {
			w.conns[c.id] = append(all[:i:i], all[i+1:]...)
			w.Notifee().Disconnected(nil, c)
		}
	}
}

// crowd connects n peers from an address, and returns them.
func (w *world) crowd(n int, from string) (ids []peer.ID) {
	for i := range n {
		id := peer.ID(fmt.Sprintf("%s %d", from, i))
		w.connect(id, from)
		ids = append(ids, id)
	}
	return ids
}

func (w *world) protected(ids ...peer.ID) (n int) {
	for _, id := range ids {
		if w.IsProtected(id, "") {
			require.True(w.t, w.BasicConnMgr.IsProtected(id, workTag), "it is so for libp2p as well")
			n++
		}
	}
	return n
}

func (w *world) connected(ids ...peer.ID) (n int) {
	for _, id := range ids {
		n += len(w.conns[id])
	}
	return n
}

func address(i int) string { return fmt.Sprintf("/ip4/45.0.%d.%d/tcp/1", i/256, i%256) }

// Two pieces of work with one peer do not end each other.
func TestEachPieceOfWorkProtects(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect("p", address(1))
		require.False(t, w.IsProtected("p", ""))
		for _, begin := range []func(host.Host, peer.ID) *Hold{Begin, Serve, Transfer} {
			one, other := begin(w.host(), "p"), begin(w.host(), "p")
			require.True(t, w.IsProtected("p", ""))
			one.End()
			one.End()
			require.True(t, w.IsProtected("p", ""), "the other goes on")
			other.End()
			require.False(t, w.IsProtected("p", ""))
		}
		var none *Hold
		none.Moved()
		none.End()
	})
}

// Work may begin before the peer is connected, and outlasts a lost connection.
func TestWorkWithoutAConnection(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		work := Begin(w.host(), "p")
		require.False(t, w.IsProtected("p", ""))
		c := w.connect("p", address(1))
		require.True(t, w.IsProtected("p", ""))
		w.disconnect(c)
		require.False(t, w.BasicConnMgr.IsProtected("p", ""))
		w.connect("p", address(2))
		require.True(t, w.IsProtected("p", ""))
		work.End()
		require.False(t, w.IsProtected("p", ""))
	})
}

func TestNothingIsRememberedOfThoseWhoLeft(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i := range 100 {
			id := peer.ID(fmt.Sprint(i))
			c := w.connect(id, address(i))
			hold := Transfer(w.host(), id)
			w.TagPeer(id, Deal, DealWeight)
			w.Protect(id, "pubsub:/pdx/c/pool/1/1") // which nobody takes back
			w.disconnect(c)
			w.TagPeer(id, Deal, DealWeight) // too late
			w.Protect(id, "pubsub:/pdx/c/pool/2/1")
			hold.End()
		}
		require.Empty(t, w.peers)
		require.Empty(t, w.groups)
		require.Empty(t, w.timed)
		require.Nil(t, w.GetTagInfo("1"))
	})
}

// Whoever asks for something without a deal is protected for a minute, then for a
// tenth of the time.
func TestStrangersAreNotProtectedForEver(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect("p", address(1))
		defer Serve(w.host(), "p").End()
		time.Sleep(allowance - 2*sweepEvery)
		require.True(t, w.IsProtected("p", ""))
		time.Sleep(4 * sweepEvery)
		require.False(t, w.IsProtected("p", ""))
		again := Serve(w.host(), "p")
		require.False(t, w.IsProtected("p", ""), "asking once more changes nothing")
		again.End()
		spell, all := 0, 0
		for range 3600 {
			time.Sleep(time.Second)
			spell += w.protected("p")
			all++
		}
		require.InDelta(t, 0.1, float64(spell)/float64(all), 0.03)

		w.TagPeer("p", Deal, DealWeight)
		for range 600 {
			time.Sleep(time.Second)
			require.True(t, w.IsProtected("p", ""), "a party of a deal is served for as long as it takes")
		}
		w.UntagPeer("p", Deal)
		time.Sleep(allowance + 2*sweepEvery)
		require.False(t, w.IsProtected("p", ""))
	})
}

// A transfer that does not move protects nobody; own work does.
func TestStalledTransfersDoNotProtect(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.connect("p", address(1))
		w.TagPeer("p", Deal, DealWeight)
		transfer := Transfer(w.host(), "p")
		for range 20 {
			time.Sleep(stallTime - 2*sweepEvery)
			require.True(t, w.IsProtected("p", ""))
			transfer.Moved()
		}
		time.Sleep(stallTime + 2*sweepEvery)
		require.False(t, w.IsProtected("p", ""))
		transfer.Moved()
		time.Sleep(2 * sweepEvery)
		require.True(t, w.IsProtected("p", ""), "it moves again")
		transfer.End()
		own := Begin(w.host(), "p")
		time.Sleep(time.Hour)
		require.True(t, w.IsProtected("p", ""))
		own.End()
	})
}

// One address group has a limited number of protected peers: own work and parties of
// deals before strangers, and the next when one ends.
func TestProtectedPeersOfAGroup(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, from := range []string{address(1), "/ip6/2001:db8::1/tcp/1"} {
			crowd := w.crowd(2*maxProtected, from)
			holds := map[peer.ID]*Hold{}
			for _, id := range crowd {
				holds[id] = Serve(w.host(), id)
			}
			require.Equal(t, maxProtected, w.protected(crowd...))
			require.Equal(t, maxProtected, w.protected(crowd[:maxProtected]...), "who came first")

			own := Begin(w.host(), crowd[maxProtected])
			w.TagPeer(crowd[maxProtected+1], Deal, DealWeight)
			require.Equal(t, 2, w.protected(crowd[maxProtected:maxProtected+2]...))
			require.Equal(t, maxProtected, w.protected(crowd...))
			own.End()

			holds[crowd[0]].End()
			require.Equal(t, maxProtected, w.protected(crowd...), "the next is protected")
			for _, c := range w.conns[crowd[1]] {
				w.disconnect(c)
			}
			require.Equal(t, maxProtected, w.protected(crowd...))
			for _, id := range crowd {
				holds[id].End()
			}
			require.Zero(t, w.protected(crowd...))
		}
		other := w.crowd(1, "/ip6/2001:db8:0:0100::1/tcp/1")
		defer Serve(w.host(), other[0]).End()
		require.Equal(t, 1, w.protected(other...), "another /56")
	})
}

// A crowd on few addresses is thinned out before anybody else is touched, work or not,
// even if it came first.
func TestCrowdsAreThinnedOutFirst(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		var crowd, others []peer.ID
		for i := range 6 {
			crowd = append(crowd, w.crowd(60, address(i))...)
		}
		for i := range 100 {
			others = append(others, w.crowd(1, address(1000+i))...)
		}
		working := crowd[59] // it came last
		defer Begin(w.host(), working).End()
		time.Sleep(grace + time.Second)
		w.TrimOpenConns(t.Context())
		require.Equal(t, 1, w.connected(working))
		require.Equal(t, 100, w.connected(others...))
		require.Equal(t, low-100+1, w.connected(crowd...))
		for i := range 6 {
			require.InDelta(t, 10, w.connected(crowd[60*i:60*(i+1)]...), 2, "each address lost as much")
		}
	})
}

// The connections of one peer count like those of many.
func TestManyConnectionsAreACrowd(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for range 8 {
			w.connect("wide", address(1))
		}
		w.connect("alone", address(2))
		require.Equal(t, -7*crowdWeight, w.GetTagInfo("wide").Value)
		require.Zero(t, w.GetTagInfo("alone").Value)
		for _, c := range w.conns["wide"][1:] {
			w.disconnect(c)
		}
		require.Zero(t, w.GetTagInfo("wide").Value, "it has one left")
		w.crowd(1000, address(2))
		last := w.GetTagInfo(peer.ID(address(2) + " 999"))
		require.Equal(t, -crowdMost, last.Value)
		require.Positive(t, DealWeight+last.Value)
		require.Positive(t, ValidatorWeight+last.Value)
	})
}

// Being in a table of a library is no work: anybody gets there.
func TestTablesArePreferredAndNotProtected(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.Protect("p", "kbucket")
		c := w.connect("p", address(1))
		w.Protect("p", "pubsub:/pdx/c/pool/1/1")
		require.False(t, w.IsProtected("p", ""))
		require.Equal(t, tableWeight, w.GetTagInfo("p").Value, "once, in however many tables")
		require.False(t, w.Unprotect("p", "pubsub:/pdx/c/pool/1/1"))
		require.Equal(t, tableWeight, w.GetTagInfo("p").Value)
		w.disconnect(c)
		w.connect("p", address(1))
		require.Equal(t, tableWeight, w.GetTagInfo("p").Value, "it is in the table still")
		w.Unprotect("p", "kbucket")
		require.Zero(t, w.GetTagInfo("p").Value)

		w.Protect("p", "relay")
		require.True(t, w.IsProtected("p", "relay"))
		require.True(t, w.IsProtected("p", ""))
		require.False(t, w.IsProtected("p", "another"))
		hold := Begin(w.host(), "p")
		require.True(t, w.Unprotect("p", "relay"))
		hold.End()
		require.False(t, w.IsProtected("p", ""))
	})
}

func TestMetrics(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		r := prometheus.NewPedanticRegistry()
		require.NoError(t, r.Register(w.Manager))
		w.connect("wide", address(1))
		w.connect("wide", address(1))
		defer Begin(w.host(), "wide").End()
		for _, id := range w.crowd(maxProtected+3, address(2)) {
			defer Serve(w.host(), id).End()
		}
		c := w.counts()
		require.Equal(t, counts{conns: maxProtected + 5, protected: maxProtected + 2, unprotected: 3}, c)
		families, err := r.Gather()
		require.NoError(t, err)
		shown := map[string]float64{}
		for _, f := range families {
			shown[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
		}
		require.Equal(t, map[string]float64{
			"pdx_connmgr_connections": maxProtected + 5, "pdx_connmgr_protected_connections": maxProtected + 2, "pdx_connmgr_unprotected_peers": 3,
		}, shown)
	})
}

// With another manager, each piece of work has a tag of its own.
func TestAnotherManager(t *testing.T) {
	m, err := basic.NewConnManager(1, 2)
	require.NoError(t, err)
	defer m.Close()
	one, other := begin(m, "p", kindOwn), begin(m, "p", kindServe)
	one.End()
	require.True(t, m.IsProtected("p", ""))
	other.End()
	require.False(t, m.IsProtected("p", ""))
}
