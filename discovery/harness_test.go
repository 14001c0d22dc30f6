package discovery_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/netdb"
)

const (
	chainID  = "pdx-test-1"
	patience = 20 * time.Second
	glance   = 20 * time.Millisecond
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Started by the imports of the DHT and its metrics, once a process.
		goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"),
	)
}

// newHost returns a libp2p host on 127.0.0.1 over TCP and Noise.
func newHost(t *testing.T, more ...libp2p.Option) host.Host {
	t.Helper()
	h, err := libp2p.New(append(more,
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.DisableRelay(),
	)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// restart ends a host and makes another with its identity.
func restart(t *testing.T, h host.Host) host.Host {
	t.Helper()
	require.NoError(t, h.Close())
	return newHost(t, libp2p.Identity(h.Peerstore().PrivKey(h.ID())))
}

// start runs a discovery of the test network over h until the test ends.
func start(t *testing.T, h host.Host, change func(*discovery.Options)) *discovery.Discovery {
	t.Helper()
	opt := discovery.Options{ChainID: chainID, Mode: discovery.ModeServer, LocalNetwork: true}
	if change != nil {
		change(&opt)
	}
	d, err := discovery.New(h, opt)
	require.NoError(t, err)
	require.NoError(t, d.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, d.Stop(context.Background())) })
	return d
}

func knows(peers ...host.Host) func(*discovery.Options) {
	return func(o *discovery.Options) { o.Peers = infos(peers...) }
}

func infos(hosts ...host.Host) []peer.AddrInfo {
	var all []peer.AddrInfo
	for _, h := range hosts {
		all = append(all, peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()})
	}
	return all
}

// finds waits until d finds exactly the hosts wanted, with addresses.
func finds(t *testing.T, d *discovery.Discovery, pool pdx.PoolID, role pdx.Role, want ...host.Host) {
	t.Helper()
	settles(t, want, func() ([]peer.AddrInfo, error) { return d.Find(t.Context(), pool, role) })
}

func settles(t *testing.T, want []host.Host, find func() ([]peer.AddrInfo, error)) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := find()
		if err != nil || len(found) != len(want) {
			return false
		}
		for _, w := range want {
			if !reachable(found, w.ID()) {
				return false
			}
		}
		return true
	}, patience, glance)
}

func reachable(found []peer.AddrInfo, id peer.ID) bool {
	for _, p := range found {
		if p.ID == id && len(p.Addrs) > 0 {
			return true
		}
	}
	return false
}

// disk returns a store that outlives the node that uses it.
func disk(t *testing.T) *netdb.DB {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "network.db"))
}

func openStore(t *testing.T, path string) *netdb.DB {
	t.Helper()
	db, err := netdb.Open(t.Context(), path, slog.Default())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}
