package peers

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/node/peers/peerstest"
)

// world is a buyer that looks for the seller of a pool.
type world struct {
	*peerstest.World
	t      *testing.T
	buyer  *Directory
	seller identity.Signer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: peerstest.New(t), t: t, seller: identitytest.New("the seller")}
	var err error
	w.buyer, err = New(w.Host, w.Hello, w.Discovery, nil, nil, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return w
}

// start starts the honest seller and waits until the server knows it.
func (w *world) start() host.Host {
	w.t.Helper()
	h := peerstest.Host(w.t, "127.0.0.77")
	peerstest.Hello(w.t, h, w.seller, nil)
	d := peerstest.Discovery(w.t, h, w.Joins)
	require.NoError(w.t, d.Announce(w.t.Context(), 7, pdx.RoleSeller))
	key := discovery.PoolKey(peerstest.Chain, 7, pdx.RoleSeller).Hash()
	require.Eventually(w.t, func() bool {
		found, err := w.Store.Providers(w.t.Context(), key)
		return err == nil && len(found) == 1
	}, 20*time.Second, 10*time.Millisecond)
	return h
}

// announce stores a record of a seller of pool 7.
func (w *world) announce(id peer.ID, at, from multiaddr.Multiaddr) {
	w.Announce(pdx.RoleSeller, id, at, from)
}

// liar starts a host that announces itself as the seller and is not.
func (w *world) liar(ip string, start func(host.Host)) host.Host {
	w.t.Helper()
	h := peerstest.Host(w.t, ip)
	start(h)
	w.announce(h.ID(), h.Addrs()[0], h.Addrs()[0])
	return h
}

// The ways in which a peer can lie.
func (w *world) speaksForAnother(h host.Host) {
	peerstest.Hello(w.t, h, identitytest.New(h.ID().String()), nil)
}

func (w *world) namesNoAccount(h host.Host) {
	peerstest.Hello(w.t, h, identitytest.New(h.ID().String()), func(context.Context, pdx.Address) error { return pdx.ErrRefused })
}

func (w *world) neverAnswers(h host.Host) {
	h.SetStreamHandler("/pdx/"+peerstest.Chain+"/hello/1", func(s network.Stream) { _, _ = s.Read(make([]byte, 1)) })
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
			at = peerstest.Addr(fmt.Sprintf("127.9.%d.%d", i/250, 1+i%250))
		}
		w.announce(peerstest.Peer(t), at, from)
	}
	w.Settle(256)
	found, err := w.buyer.Find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)
	require.Equal(t, honest.ID(), found)
	found, err = w.buyer.Find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)
	require.Equal(t, honest.ID(), found)
}

// Peers that lied are remembered, not kept connected, and not tried again soon.
func TestLiarsAreRemembered(t *testing.T) {
	w := newWorld(t)
	others, nameless, madeUp := w.liar("127.0.1.1", w.speaksForAnother), w.liar("127.0.1.2", w.namesNoAccount), peerstest.Peer(t)
	w.announce(madeUp, peerstest.Addr("127.9.9.9"), others.Addrs()[0])
	w.Settle(3)
	nobody := identitytest.New("nobody").Account()
	require.Eventually(t, func() bool { // the DHT may not be joined yet
		_, err := w.buyer.Find(t.Context(), 7, pdx.RoleSeller, nobody)
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
	account, known := w.Hello.Known(others.ID())
	require.True(t, known)
	found, err := w.buyer.Find(t.Context(), 7, pdx.RoleSeller, account)
	require.NoError(t, err, "who sought it finds it")
	require.Equal(t, others.ID(), found)
}

// A peer that a notice proved, or that greeted this node, is found without asking anybody:
// no stranger learns who looks for it.
func TestProvenContactsComeFirst(t *testing.T) {
	w := newWorld(t)
	stranger := peerstest.Host(t, "127.0.1.1")
	asked := make(chan struct{}, 100)
	stranger.SetStreamHandler("/pdx/"+peerstest.Chain+"/hello/1", func(s network.Stream) {
		asked <- struct{}{}
		_ = s.Reset()
	})
	require.NoError(t, w.buyer.host.Connect(t.Context(), peer.AddrInfo{ID: stranger.ID(), Addrs: stranger.Addrs()}))
	w.announce(stranger.ID(), stranger.Addrs()[0], stranger.Addrs()[0])
	w.Settle(1)

	h := peerstest.Host(t, "127.0.0.77")
	hello := peerstest.Hello(t, h, w.seller, nil)
	buyer := peer.AddrInfo{ID: w.buyer.host.ID(), Addrs: w.buyer.host.Addrs()}
	require.NoError(t, h.Connect(t.Context(), buyer))
	_, err := hello.Account(t.Context(), buyer.ID)
	require.NoError(t, err)
	found, err := w.buyer.Find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)
	require.Equal(t, h.ID(), found)

	gossiper := peerstest.Host(t, "127.0.0.78") // it does not name its account in hello
	author := identitytest.New("another seller")
	peerstest.Hello(t, gossiper, author, func(context.Context, pdx.Address) error { return pdx.ErrRefused })
	require.NoError(t, gossiper.Connect(t.Context(), buyer))
	w.buyer.Met(author.Account(), gossiper.ID())
	found, err = w.buyer.Find(t.Context(), 7, pdx.RoleSeller, author.Account())
	require.NoError(t, err)
	require.Equal(t, gossiper.ID(), found)
	require.Empty(t, asked, "a connected stranger was greeted")
}

// A partner that restarts learns this node's account again, without being asked for anything.
func TestPartnersThatReconnectAreGreeted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.buyer.IntroduceAgain(ctx) }()
	defer func() { cancel(); <-done }()
	before := w.start()
	_, err := w.buyer.Find(t.Context(), 7, pdx.RoleSeller, w.seller.Account())
	require.NoError(t, err)

	require.NoError(t, before.Close())
	after := peerstest.Host(t, "127.0.0.77", libp2p.Identity(before.Peerstore().PrivKey(before.ID())))
	hello := peerstest.Hello(t, after, w.seller, nil)
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
