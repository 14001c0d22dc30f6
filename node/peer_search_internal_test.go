package node

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
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

const searchChain = "pdx-test-1"

// searchHost is a host on an address of loopback, which is an address group.
func searchHost(t *testing.T, ip string, more ...libp2p.Option) host.Host {
	t.Helper()
	h, err := libp2p.New(append(more, libp2p.ListenAddrStrings("/ip4/"+ip+"/tcp/0"), libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New), libp2p.DisableRelay())...)
	if err != nil {
		t.Skipf("this machine has only one address of loopback: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func searchHello(t *testing.T, h host.Host, signer identity.Signer, admit func(context.Context, pdx.Address) error) *identity.Service {
	t.Helper()
	s, err := identity.New(identity.Config{Host: h, ChainID: searchChain, Signer: signer, Admit: admit})
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, s.Stop(context.Background())) })
	return s
}

func searchDiscovery(t *testing.T, h host.Host, change func(*discovery.Options)) *discovery.Discovery {
	t.Helper()
	opt := discovery.Options{ChainID: searchChain, LocalNetwork: true, Log: slog.New(slog.DiscardHandler)}
	change(&opt)
	d, err := discovery.New(h, opt)
	require.NoError(t, err)
	require.NoError(t, d.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, d.Stop(context.Background())) })
	return d
}

// world is a buyer that looks for the seller of a pool, and a server of the DHT that holds
// what is announced in it.
type world struct {
	t      *testing.T
	server host.Host
	store  *netdb.DB
	buyer  *peerDirectory
	hello  *identity.Service
	seller identity.Signer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	store, err := netdb.Open(t.Context(), filepath.Join(t.TempDir(), "network.db"), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w := &world{t: t, server: searchHost(t, "127.0.0.1"), store: store, seller: identitytest.New("the seller")}
	searchDiscovery(t, w.server, func(o *discovery.Options) { o.Store, o.Mode = store, discovery.ModeServer })
	h := searchHost(t, "127.0.0.2")
	w.hello = searchHello(t, h, identitytest.New("the buyer"), nil)
	d := searchDiscovery(t, h, w.joins)
	w.buyer, err = newPeerDirectory(h, w.hello, d, nil, nil, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return w
}

func (w *world) joins(o *discovery.Options) {
	o.Peers = []peer.AddrInfo{{ID: w.server.ID(), Addrs: w.server.Addrs()}}
	o.Mode = discovery.ModeClient
}

// announce stores a record of the pool, as if it had come over a connection from that address.
func (w *world) announce(id peer.ID, at, from multiaddr.Multiaddr) {
	w.t.Helper()
	require.NoError(w.t, w.store.AddProvider(w.t.Context(), netdb.Provider{
		Key: discovery.PoolKey(searchChain, 7, pdx.RoleSeller).Hash(), Peer: id, Group: addrgroup.Of(from),
		Addrs: addrsOf(at), Expires: time.Now().Add(time.Hour),
	}))
}

// searchAddr is an address at which nobody listens.
func searchAddr(ip string) multiaddr.Multiaddr { return multiaddr.StringCast("/ip4/" + ip + "/tcp/1") }

func addrsOf(at multiaddr.Multiaddr) []multiaddr.Multiaddr { return []multiaddr.Multiaddr{at} }

// start starts the honest seller and waits until the server knows it.
func (w *world) start() host.Host {
	w.t.Helper()
	h := searchHost(w.t, "127.0.0.77")
	searchHello(w.t, h, w.seller, nil)
	d := searchDiscovery(w.t, h, w.joins)
	require.NoError(w.t, d.Announce(w.t.Context(), 7, pdx.RoleSeller))
	key := discovery.PoolKey(searchChain, 7, pdx.RoleSeller).Hash()
	require.Eventually(w.t, func() bool {
		found, err := w.store.Providers(w.t.Context(), key)
		return err == nil && len(found) == 1
	}, 20*time.Second, 10*time.Millisecond)
	return h
}

// settle waits until the server has stored what was announced.
func (w *world) settle(records int) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		n, err := w.store.Records(w.t.Context())
		return err == nil && n >= records
	}, 20*time.Second, 10*time.Millisecond)
}

func madeUpPeer(t *testing.T) peer.ID {
	t.Helper()
	_, public, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	id, err := peer.IDFromPublicKey(public)
	require.NoError(t, err)
	return id
}

// liar starts a host that announces itself as the seller and is not.
func (w *world) liar(ip string, start func(host.Host)) host.Host {
	w.t.Helper()
	h := searchHost(w.t, ip)
	start(h)
	w.announce(h.ID(), h.Addrs()[0], h.Addrs()[0])
	return h
}

// The ways in which a peer can lie.
func (w *world) speaksForAnother(h host.Host) {
	searchHello(w.t, h, identitytest.New(h.ID().String()), nil)
}

func (w *world) namesNoAccount(h host.Host) {
	searchHello(w.t, h, identitytest.New(h.ID().String()), func(context.Context, pdx.Address) error { return pdx.ErrRefused })
}

func (w *world) neverAnswers(h host.Host) {
	h.SetStreamHandler("/pdx/"+searchChain+"/hello/1", func(s network.Stream) { _, _ = s.Read(make([]byte, 1)) })
}

// The honest seller of a pool is found among 500 peers that announce themselves as such:
// peers of other accounts, peers that name none, peers that never answer, and records that
// point at a few machines or at nothing.
func TestSellerIsFoundAmongLiars(t *testing.T) {
	w := newWorld(t)
	honest := w.start()
	var others []host.Host
	for i := range 40 {
		lie := []func(host.Host){w.neverAnswers, w.namesNoAccount, w.speaksForAnother, w.speaksForAnother}[i%4]
		others = append(others, w.liar(fmt.Sprintf("127.0.1.%d", 1+i%5), lie))
	}
	for i := range 460 {
		from := others[i%len(others)].Addrs()[0]
		at := from    // another peer answers there
		if i%3 == 0 { // nobody does
			at = searchAddr(fmt.Sprintf("127.9.%d.%d", i/250, 1+i%250))
		}
		w.announce(madeUpPeer(t), at, from)
	}
	w.settle(256)
	found, err := w.buyer.find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)
	require.Equal(t, honest.ID(), found)
	found, err = w.buyer.find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)
	require.Equal(t, honest.ID(), found)
}

// Peers that lied are remembered, not kept connected, and not tried again soon.
func TestLiarsAreRemembered(t *testing.T) {
	w := newWorld(t)
	others, nameless, madeUp := w.liar("127.0.1.1", w.speaksForAnother), w.liar("127.0.1.2", w.namesNoAccount), madeUpPeer(t)
	w.announce(madeUp, searchAddr("127.9.9.9"), others.Addrs()[0])
	w.settle(3)
	nobody := identitytest.New("nobody").Account()
	require.Eventually(t, func() bool { // the DHT may not be joined yet
		_, err := w.buyer.find(t.Context(), 7, pdx.RoleSeller, nobody)
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		w.buyer.rested.Remove(nobody)
		return w.buyer.avoided.Fails(others.ID()) > 0
	}, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, w.buyer.avoided.Fails(others.ID()), "it is known to speak for another account, whoever is sought")
	require.Positive(t, w.buyer.avoided.Fails(nameless.ID()))
	require.Positive(t, w.buyer.avoided.Fails(madeUp))
	require.NotContains(t, w.buyer.host.Network().Peers(), nameless.ID())

	require.True(t, w.buyer.avoided.Now(others.ID()))
	for _, c := range w.buyer.candidates(t.Context(), 7, pdx.RoleSeller, nobody) {
		require.NotEqual(t, others.ID(), c.ID)
	}
	account, known := w.hello.Known(others.ID())
	require.True(t, known)
	found, err := w.buyer.find(t.Context(), 7, pdx.RoleSeller, account)
	require.NoError(t, err, "who sought it finds it")
	require.Equal(t, others.ID(), found)
}

// A peer that a notice proved, or that greeted this node, is found without asking anybody:
// no stranger learns who looks for it.
func TestProvenContactsComeFirst(t *testing.T) {
	w := newWorld(t)
	stranger := searchHost(t, "127.0.1.1")
	asked := make(chan struct{}, 100)
	stranger.SetStreamHandler("/pdx/"+searchChain+"/hello/1", func(s network.Stream) {
		asked <- struct{}{}
		_ = s.Reset()
	})
	require.NoError(t, w.buyer.host.Connect(t.Context(), peer.AddrInfo{ID: stranger.ID(), Addrs: stranger.Addrs()}))
	w.announce(stranger.ID(), stranger.Addrs()[0], stranger.Addrs()[0])
	w.settle(1)

	h := searchHost(t, "127.0.0.77")
	hello := searchHello(t, h, w.seller, nil)
	buyer := peer.AddrInfo{ID: w.buyer.host.ID(), Addrs: w.buyer.host.Addrs()}
	require.NoError(t, h.Connect(t.Context(), buyer))
	_, err := hello.Account(t.Context(), buyer.ID)
	require.NoError(t, err)
	found, err := w.buyer.find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)
	require.Equal(t, h.ID(), found)

	gossiper := searchHost(t, "127.0.0.78") // it does not name its account in hello
	author := identitytest.New("another seller")
	searchHello(t, gossiper, author, func(context.Context, pdx.Address) error { return pdx.ErrRefused })
	require.NoError(t, gossiper.Connect(t.Context(), buyer))
	w.buyer.met(author.Account(), gossiper.ID())
	found, err = w.buyer.find(t.Context(), 7, pdx.RoleSeller, author.Account())
	require.NoError(t, err)
	require.Equal(t, gossiper.ID(), found)
	require.Empty(t, asked, "a connected stranger was greeted")
}

// A partner that restarts learns this node's account again, without being asked for anything.
func TestPartnersThatReconnectAreGreeted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.buyer.introduceAgain(ctx) }()
	defer func() { cancel(); <-done }()
	before := w.start()
	_, err := w.buyer.find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)

	require.NoError(t, before.Close())
	after := searchHost(t, "127.0.0.77", libp2p.Identity(before.Peerstore().PrivKey(before.ID())))
	hello := searchHello(t, after, w.seller, nil)
	buyer := w.buyer.host
	require.Eventually(t, func() bool {
		if account, ok := hello.Known(buyer.ID()); ok {
			return account == identitytest.New("the buyer").Account()
		}
		if after.Network().Connectedness(buyer.ID()) != network.Connected {
			_ = after.Connect(t.Context(), peer.AddrInfo{ID: buyer.ID(), Addrs: buyer.Addrs()})
		}
		return false
	}, 20*time.Second, 10*time.Millisecond)
}
