package scale

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	coreconnmgr "github.com/libp2p/go-libp2p/core/connmgr"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

// node is an honest node: a seller in one pool.
type node struct {
	managedHost
	discovery *discovery.Discovery
	metrics   *prometheus.Registry
	pool      pdx.PoolID
}

// managedHost cuts connections as a node's host does: the simulated network has no manager.
type managedHost struct {
	host.Host
	conns *connmgr.BasicConnMgr
}

// ConnManager returns the manager, which the DHT tells whom it needs.
func (h managedHost) ConnManager() coreconnmgr.ConnManager { return h.conns }

// newHost adds a host with an address group of its own, linked to all others.
func (n *Network) newHost() managedHost {
	n.t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(n.t, err)
	n.made++
	addr := ma.StringCast(fmt.Sprintf("/ip4/%d.%d.0.1/tcp/4001", 20+n.made/250, n.made%250))
	h, err := n.mocknet.AddPeer(key, addr)
	require.NoError(n.t, err)
	for _, other := range n.mocknet.Hosts() {
		if other.ID() != h.ID() {
			_, err := n.mocknet.LinkPeers(h.ID(), other.ID())
			require.NoError(n.t, err)
		}
	}
	conns, err := connmgr.NewConnManager(fewConns, manyConns)
	require.NoError(n.t, err)
	h.Network().Notify(conns.Notifee())
	return managedHost{h, conns}
}

// join adds an honest node that knows the validators as the chain names them.
func (n *Network) join() {
	n.t.Helper()
	v := &node{managedHost: n.newHost(), metrics: prometheus.NewRegistry(), pool: n.somePool()}
	mode := discovery.ModeClient
	if len(n.seeds) < validators || n.random.Float64() < n.opt.Servers {
		mode = discovery.ModeServer
	}
	var err error
	v.discovery, err = discovery.New(v, discovery.Options{
		ChainID: chainID, Mode: mode, Metrics: v.metrics,
		Seeds: func(context.Context) ([]peer.AddrInfo, error) { return n.known(&n.seeds), nil },
	})
	require.NoError(n.t, err)
	require.NoError(n.t, v.discovery.Start(context.Background()))
	require.NoError(n.t, v.discovery.Announce(context.Background(), v.pool, pdx.RoleSeller))
	if len(n.seeds) < validators {
		n.learn(&n.seeds, v)
	}
	n.honest = append(n.honest, v)
}

// leave ends a node, which withdraws nothing: it is switched off.
func (n *Network) leave(i int) {
	n.t.Helper()
	v := n.honest[i]
	n.honest = append(n.honest[:i], n.honest[i+1:]...)
	v.stop(n.t)
	for _, other := range n.mocknet.Hosts() {
		_ = n.mocknet.UnlinkPeers(v.ID(), other.ID()) // it may be unlinked already
	}
}

func (v *node) stop(t testing.TB) {
	t.Helper()
	require.NoError(t, v.discovery.Stop(context.Background()))
	require.NoError(t, v.conns.Close())
	require.NoError(t, v.Close())
}

// requests returns how many requests of the DHT a node was asked.
func (v *node) requests(t testing.TB) (n float64) {
	t.Helper()
	families, err := v.metrics.Gather()
	require.NoError(t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			n += m.GetCounter().GetValue()
		}
	}
	return n
}
