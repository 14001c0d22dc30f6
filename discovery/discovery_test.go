package discovery_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

func TestThreeNodesFindEachOtherFromOneAddress(t *testing.T) {
	hub, seller, buyer := newHost(t), newHost(t), newHost(t)
	start(t, hub, nil)
	s := start(t, seller, knows(hub))
	b := start(t, buyer, knows(hub))

	require.NoError(t, s.Announce(t.Context(), 7, pdx.RoleSeller))
	require.NoError(t, b.Announce(t.Context(), 7, pdx.RoleBuyer))

	finds(t, b, 7, pdx.RoleSeller, seller)
	finds(t, s, 7, pdx.RoleBuyer, buyer)
	finds(t, b, 7, pdx.RoleValidator)
	finds(t, b, 8, pdx.RoleSeller)
	finds(t, s, 7, pdx.RoleSeller) // never itself
}

func TestAnnouncingComesBeforeTheNetwork(t *testing.T) {
	hub, seller, buyer := newHost(t), newHost(t), newHost(t)
	s := start(t, seller, nil)
	require.NoError(t, s.Announce(t.Context(), 3, pdx.RoleSeller))

	start(t, hub, nil)
	require.NoError(t, s.Bootstrap(t.Context(), infos(hub)))
	b := start(t, buyer, knows(hub))
	finds(t, b, 3, pdx.RoleSeller, seller)
}

func TestContent(t *testing.T) {
	hub, holder, reader := newHost(t), newHost(t), newHost(t)
	start(t, hub, nil)
	h := start(t, holder, knows(hub))
	r := start(t, reader, knows(hub))

	id := pdx.ContentID{1, 2, 3}
	require.NoError(t, h.AnnounceContent(t.Context(), id))
	settles(t, []host.Host{holder}, func() ([]peer.AddrInfo, error) { return r.FindContent(t.Context(), id) })
	settles(t, nil, func() ([]peer.AddrInfo, error) { return r.FindContent(t.Context(), pdx.ContentID{9}) })
}

func TestAnnouncementsSurviveARestart(t *testing.T) {
	first, seller, kept := newHost(t), newHost(t), disk(t)
	hub := start(t, first, nil)
	s := start(t, seller, func(o *discovery.Options) { o.Store, o.Peers = kept, infos(first) })
	r := start(t, newHost(t), knows(first))
	require.NoError(t, s.Announce(t.Context(), 5, pdx.RoleSeller))
	require.NoError(t, s.Announce(t.Context(), 6, pdx.RoleSeller))
	finds(t, r, 5, pdx.RoleSeller, seller)
	require.NoError(t, s.Withdraw(t.Context(), 6, pdx.RoleSeller))
	for _, d := range []*discovery.Discovery{r, s, hub} {
		require.NoError(t, d.Stop(t.Context()))
	}

	// A network that never heard of the seller, and nobody says Announce.
	second, reborn := newHost(t), restart(t, seller)
	start(t, second, nil)
	s = start(t, reborn, func(o *discovery.Options) { o.Store, o.Peers = kept, infos(second) })
	r = start(t, newHost(t), knows(second))
	finds(t, r, 5, pdx.RoleSeller, reborn)
	finds(t, r, 6, pdx.RoleSeller)

	all, err := s.Announced(t.Context())
	require.NoError(t, err)
	require.Equal(t, []discovery.Announcement{{Pool: 5, Role: pdx.RoleSeller}}, all)
}

// After a sleep nobody knows what others still know of this node.
func TestResumeAnnouncesAgain(t *testing.T) {
	first, seller := newHost(t), newHost(t)
	hub := start(t, first, nil)
	s := start(t, seller, knows(first))
	require.NoError(t, s.Announce(t.Context(), 5, pdx.RoleSeller))
	finds(t, hub, 5, pdx.RoleSeller, seller)
	require.NoError(t, hub.Stop(t.Context()))
	hub = start(t, first, knows(seller)) // with an empty store
	s.Resume()
	finds(t, hub, 5, pdx.RoleSeller, seller)
}

func TestUnlistedAnnouncesNothing(t *testing.T) {
	hub, shy, open, reader := newHost(t), newHost(t), newHost(t), newHost(t)
	start(t, hub, nil)
	s := start(t, shy, func(o *discovery.Options) { o.Peers, o.Unlisted = infos(hub), true })
	o := start(t, open, knows(hub))
	r := start(t, reader, knows(hub))

	require.NoError(t, s.Announce(t.Context(), 7, pdx.RoleSeller))
	require.NoError(t, s.AnnounceContent(t.Context(), pdx.ContentID{1}))
	require.NoError(t, o.Announce(t.Context(), 7, pdx.RoleSeller))

	finds(t, s, 7, pdx.RoleSeller, open) // it finds others
	finds(t, r, 7, pdx.RoleSeller, open) // and is not found
	all, err := s.Announced(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
}

// A node that was listed once and is unlisted now keeps quiet about its past.
func TestUnlistedNowAnnouncesNothingOfBefore(t *testing.T) {
	past, shy, kept := newHost(t), newHost(t), disk(t)
	first := start(t, past, nil)
	before := start(t, shy, func(o *discovery.Options) { o.Store, o.Peers = kept, infos(past) })
	require.NoError(t, before.Announce(t.Context(), 7, pdx.RoleSeller))
	finds(t, first, 7, pdx.RoleSeller, shy)
	require.NoError(t, before.Stop(t.Context()))
	require.NoError(t, first.Stop(t.Context()))

	hub, open, reborn := newHost(t), newHost(t), restart(t, shy)
	start(t, hub, nil)
	s := start(t, reborn, func(o *discovery.Options) { o.Store, o.Peers, o.Unlisted = kept, infos(hub), true })
	require.Eventually(t, func() bool { return s.Peers() > 0 }, patience, glance)
	o := start(t, open, knows(hub))
	require.NoError(t, o.Announce(t.Context(), 7, pdx.RoleSeller))
	r := start(t, newHost(t), knows(hub))
	finds(t, r, 7, pdx.RoleSeller, open)
	finds(t, r, 7, pdx.RoleSeller, open)
}

func TestResultsAreBounded(t *testing.T) {
	hub := newHost(t)
	start(t, hub, nil)
	for range 4 {
		s := start(t, newHost(t), knows(hub))
		require.NoError(t, s.Announce(t.Context(), 2, pdx.RoleSeller))
	}
	wide := start(t, newHost(t), knows(hub))
	require.Eventually(t, func() bool {
		found, err := wide.Find(t.Context(), 2, pdx.RoleSeller)
		return err == nil && len(found) == 4
	}, patience, glance)

	narrow := start(t, newHost(t), func(o *discovery.Options) { o.Peers, o.FindLimit = infos(hub), 2 })
	found, err := narrow.Find(t.Context(), 2, pdx.RoleSeller)
	require.NoError(t, err)
	require.Len(t, found, 2)
}

func TestSeedsComeFromTheChain(t *testing.T) {
	hub, seller := newHost(t), newHost(t)
	start(t, hub, nil)
	s := start(t, seller, func(o *discovery.Options) {
		o.Seeds = func(context.Context) ([]peer.AddrInfo, error) { return infos(hub, seller), nil }
	})
	require.Eventually(t, func() bool { return s.Peers() == 1 }, patience, glance)
}

func TestSeedsWithPrivateAddressesAreNotDialledOnOpenNetworks(t *testing.T) {
	hub := newHost(t)
	start(t, hub, nil)
	asked := make(chan struct{}, 16)
	lone := newHost(t)
	s := start(t, lone, func(o *discovery.Options) {
		o.LocalNetwork = false
		o.Seeds = func(context.Context) ([]peer.AddrInfo, error) {
			asked <- struct{}{}
			return infos(hub), nil
		}
	})
	<-asked
	_, err := s.Find(t.Context(), 1, pdx.RoleSeller)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.Empty(t, lone.Network().Peers())
}

func TestChainsDoNotMeet(t *testing.T) {
	hub := newHost(t)
	start(t, hub, func(o *discovery.Options) { o.ChainID = "another-1" })
	s := start(t, newHost(t), knows(hub))
	_, err := s.Find(t.Context(), 1, pdx.RoleSeller)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.Zero(t, s.Peers())
}

func TestComesBackAfterLosingEverybody(t *testing.T) {
	hub, node := newHost(t), newHost(t)
	first := start(t, hub, nil)
	n := start(t, node, knows(hub))
	require.Eventually(t, func() bool { return n.Peers() == 1 }, patience, glance)

	require.NoError(t, first.Stop(t.Context()))
	require.NoError(t, node.Network().ClosePeer(hub.ID()))
	require.Eventually(t, func() bool {
		_, err := n.Find(t.Context(), 1, pdx.RoleSeller) // the DHT learns that the peer is gone
		return n.Peers() == 0 && (err == nil || errors.Is(err, pdx.ErrUnavailable))
	}, patience, glance)

	start(t, hub, nil)
	n.Wake()
	require.Eventually(t, func() bool { return n.Peers() == 1 }, patience, glance)
}

func TestBootstrapFromNobody(t *testing.T) {
	gone := newHost(t)
	addresses := infos(gone)
	require.NoError(t, gone.Close())
	s := start(t, newHost(t), nil)
	require.ErrorIs(t, s.Bootstrap(t.Context(), addresses), pdx.ErrUnavailable)
	require.ErrorIs(t, s.Bootstrap(t.Context(), nil), pdx.ErrUnavailable)
}

func TestWrongUse(t *testing.T) {
	h := newHost(t)
	for _, opt := range []discovery.Options{
		{}, {ChainID: "a/b"}, {ChainID: "ok", FindLimit: -1}, {ChainID: "ok", FindLimit: 1 << 20},
	} {
		_, err := discovery.New(h, opt)
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	d, err := discovery.New(h, discovery.Options{ChainID: chainID, LocalNetwork: true})
	require.NoError(t, err)
	_, err = d.Find(t.Context(), 1, pdx.RoleSeller)
	require.ErrorIs(t, err, pdx.ErrUnavailable)

	require.NoError(t, d.Start(t.Context()))
	require.ErrorIs(t, d.Start(t.Context()), pdx.ErrWrongState)
	for _, err := range []error{
		d.Announce(t.Context(), 0, pdx.RoleSeller), d.Announce(t.Context(), 1, "king"),
		d.Withdraw(t.Context(), 0, pdx.RoleSeller), d.AnnounceContent(t.Context(), pdx.ContentID{}),
	} {
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.Find(cancelled, 1, pdx.RoleSeller)
	require.Error(t, err)
	require.False(t, errors.Is(err, pdx.ErrInvalid))

	require.NoError(t, d.Stop(t.Context()))
	require.NoError(t, d.Stop(t.Context()))
	require.ErrorIs(t, d.Start(t.Context()), pdx.ErrWrongState)
}

func TestMulticastStartsANetwork(t *testing.T) {
	if err := multicast(); err != nil {
		t.Skipf("no multicast on this machine: %v", err)
	}
	local := func(o *discovery.Options) { o.LocalPeers = true }
	a, b := start(t, newHost(t), local), start(t, newHost(t), local)
	require.Eventually(t, func() bool { return a.Peers() == 1 && b.Peers() == 1 }, patience, glance)
}

// multicast reports why this machine does not hear what it says to a group.
func multicast() error {
	heard, err := net.ListenMulticastUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 250)})
	if err != nil {
		return err
	}
	defer heard.Close()
	said, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 250), Port: heard.LocalAddr().(*net.UDPAddr).Port})
	if err != nil {
		return err
	}
	defer said.Close()
	if _, err := said.Write([]byte{1}); err != nil {
		return err
	}
	_ = heard.SetReadDeadline(time.Now().Add(time.Second))
	_, err = heard.Read(make([]byte, 1))
	return err
}
