// Package peerstest has hosts on loopback among which tests look for the peer of an account.
package peerstest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/internal/addrgroup"
)

// Chain is the chain id of all services.
const Chain = "pdx-test-1"

// Host returns a host on an address of loopback, which is an address group.
func Host(t *testing.T, ip string, more ...libp2p.Option) host.Host {
	t.Helper()
	h, err := libp2p.New(append(more, libp2p.ListenAddrStrings("/ip4/"+ip+"/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay())...)
	if err != nil {
		t.Skipf("this machine has only one address of loopback: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// Hello starts the service by which a host names its account.
func Hello(t *testing.T, h host.Host, signer identity.Signer, admit func(context.Context, pdx.Address) error) *identity.Service {
	t.Helper()
	s, err := identity.New(identity.Config{Host: h, ChainID: Chain, Signer: signer, Admit: admit})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	return s
}

// Discovery starts the discovery of a host.
func Discovery(t *testing.T, h host.Host, change func(*discovery.Options)) *discovery.Discovery {
	t.Helper()
	opt := discovery.Options{ChainID: Chain, LocalNetwork: true, Log: slog.New(slog.DiscardHandler)}
	change(&opt)
	d, err := discovery.New(h, opt)
	require.NoError(t, err)
	require.NoError(t, d.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, d.Stop(context.Background())) })
	return d
}

// World is a host that looks for others, and a server of the DHT that holds what is announced
// in it.
type World struct {
	t         *testing.T
	Server    host.Host
	Store     *netdb.DB // of the server
	Host      host.Host // of who searches, with its services
	Hello     *identity.Service
	Discovery *discovery.Discovery
}

// New returns a World of which only the server is announced.
func New(t *testing.T) *World {
	t.Helper()
	store, err := netdb.Open(t.Context(), filepath.Join(t.TempDir(), "network.db"), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := &World{t: t, Server: Host(t, "127.0.0.1"), Store: store}
	Discovery(t, w.Server, func(o *discovery.Options) { o.Store, o.Mode = store, discovery.ModeServer })
	w.Host = Host(t, "127.0.0.2")
	w.Hello = Hello(t, w.Host, identitytest.New("the buyer"), nil)
	w.Discovery = Discovery(t, w.Host, w.Joins)
	return w
}

// Joins has a host join the DHT of the server.
func (w *World) Joins(o *discovery.Options) {
	o.Peers = []peer.AddrInfo{{ID: w.Server.ID(), Addrs: w.Server.Addrs()}}
	o.Mode = discovery.ModeClient
}

// Announce stores a record of a role in pool 7, as if it had come over a connection from that address.
func (w *World) Announce(role pdx.Role, id peer.ID, at, from multiaddr.Multiaddr) {
	w.t.Helper()
	require.NoError(w.t, w.Store.AddProvider(w.t.Context(), netdb.Provider{
		Key: discovery.PoolKey(Chain, 7, role).Hash(), Peer: id, Group: addrgroup.Of(from),
		Addrs: []multiaddr.Multiaddr{at}, Expires: time.Now().Add(time.Hour),
	}))
}

// Addr returns an address at which nobody listens.
func Addr(ip string) multiaddr.Multiaddr { return multiaddr.StringCast("/ip4/" + ip + "/tcp/1") }

// Settle waits until the server has stored what was announced.
func (w *World) Settle(records int) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		n, err := w.Store.Records(w.t.Context())
		return err == nil && n >= records
	}, 20*time.Second, 10*time.Millisecond)
}

// Peer returns the id of a peer that there is not.
func Peer(t *testing.T) peer.ID {
	t.Helper()
	_, public, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	id, err := peer.IDFromPublicKey(public)
	require.NoError(t, err)
	return id
}
