package gossip_test

import (
	"context"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

var alice, bob, carol, mallory = identitytest.New("alice"), identitytest.New("bob"), identitytest.New("carol"), identitytest.New("mallory")

// market returns a ledger in which alice sells, bob buys and carol validates.
func market() *ledger {
	var l ledger
	l.set(alice, pdx.RoleSeller, gossip.Holds)
	l.set(bob, pdx.RoleBuyer, gossip.Holds)
	l.set(carol, pdx.RoleValidator, gossip.Holds)
	return &l
}

func TestNoticesReachTheOthers(t *testing.T) {
	a, b, c := newHost(t), newHost(t), newHost(t)
	l := market()
	alice := identitytest.New("alice") // of its own: its signatures are counted
	seller, buyer, validator := start(t, a, alice, l, nil), start(t, b, bob, l, nil), start(t, c, carol, l, nil)
	connect(t, a, b) // alice and carol know of each other through bob only
	connect(t, b, c)
	sa, sb, sc := join(t, seller, pool), join(t, buyer, pool), join(t, validator, pool)
	sees(t, sb, 2)
	sees(t, sa, 1)
	sees(t, sc, 1)
	meshed(t, sa, sb, sc)

	require.NoError(t, sa.Publish(t.Context(), gossip.Offered{Deal: 11}))
	for _, s := range []*gossip.Subscription{sb, sc} {
		n := next(t, s)
		require.Equal(t, gossip.Offered{Deal: 11}, n.Body)
		require.Equal(t, alice.Account(), n.Author)
		require.Equal(t, a.ID(), n.Peer)
		require.Equal(t, pool, n.Pool)
	}
	require.NoError(t, sc.Publish(t.Context(), gossip.Availability{Queue: 3, Capacity: 2}))
	require.Equal(t, gossip.Availability{Queue: 3, Capacity: 2}, next(t, sa).Body)
	require.Equal(t, gossip.Availability{Queue: 3, Capacity: 2}, next(t, sb).Body)

	holding := gossip.Holding{Deal: 11, Root: pdx.ContentID{4, 5}}
	require.NoError(t, sb.Publish(t.Context(), holding))
	require.Equal(t, holding, next(t, sc).Body)
	require.Equal(t, holding, next(t, sa).Body)
	silent(t, sa) // nobody hears itself, and nothing comes twice
	require.Equal(t, 1, alice.Signed(), "one binding serves all notices")
}

func TestPublishSaysWhatOthersWouldSay(t *testing.T) {
	l := market()
	s := join(t, start(t, newHost(t), mallory, l, nil), pool)
	require.ErrorIs(t, s.Publish(t.Context(), gossip.Offered{Deal: 1}), pdx.ErrRefused)
	require.ErrorIs(t, s.Publish(t.Context(), gossip.Offered{}), pdx.ErrInvalid)
	require.ErrorIs(t, s.Publish(t.Context(), gossip.Holding{Deal: 1}), pdx.ErrInvalid)
	l.set(mallory, pdx.RoleSeller, gossip.Unknown)
	require.ErrorIs(t, s.Publish(t.Context(), gossip.Offered{Deal: 1}), pdx.ErrUnavailable)
	l.set(mallory, pdx.RoleSeller, gossip.Holds)
	require.NoError(t, s.Publish(t.Context(), gossip.Offered{Deal: 1}))
}

func TestAPoolsPeersAreGathered(t *testing.T) {
	a, b := newHost(t), newHost(t)
	l := market()
	sb := join(t, start(t, b, bob, l, nil), pool)
	sa := join(t, start(t, a, alice, l, func(o *gossip.Options) {
		o.Find = func(_ context.Context, id pdx.PoolID) ([]peer.AddrInfo, error) {
			if id != pool {
				return nil, pdx.ErrNotFound
			}
			return []peer.AddrInfo{info(a), info(b)}, nil
		}
	}), pool)
	sees(t, sa, 1)
	sees(t, sb, 1)
}

func TestJoiningAndLeaving(t *testing.T) {
	a, b := newHost(t), newHost(t)
	l := market()
	ma, mb := start(t, a, alice, l, nil), start(t, b, bob, l, nil)
	connect(t, a, b)
	sa := join(t, ma, pool)
	first, second := join(t, mb, pool), join(t, mb, pool)
	sees(t, sa, 1)

	require.NoError(t, sa.Publish(t.Context(), gossip.Offered{Deal: 1}))
	require.Equal(t, gossip.Offered{Deal: 1}, next(t, first).Body)
	require.Equal(t, gossip.Offered{Deal: 1}, next(t, second).Body)

	first.Close()
	first.Close()
	_, err := first.Next(t.Context())
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.ErrorIs(t, first.Publish(t.Context(), gossip.Offered{Deal: 1}), pdx.ErrWrongState)
	require.NoError(t, sa.Publish(t.Context(), gossip.Offered{Deal: 2}))
	require.Equal(t, gossip.Offered{Deal: 2}, next(t, second).Body)

	second.Close()
	sees(t, sa, 0)
	again := join(t, mb, pool)
	sees(t, sa, 1)
	require.NoError(t, sa.Publish(t.Context(), gossip.Offered{Deal: 3}))
	require.Equal(t, gossip.Offered{Deal: 3}, next(t, again).Body)
}

func TestLifeCycle(t *testing.T) {
	h := newHost(t)
	for _, opt := range []gossip.Options{
		{}, {ChainID: chain}, {ChainID: "a/b", Signer: alice, Roles: market()}, {ChainID: chain, Signer: alice},
	} {
		_, err := gossip.New(h, opt)
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	m, err := gossip.New(h, gossip.Options{ChainID: chain, Signer: alice, Roles: market()})
	require.NoError(t, err)
	_, err = m.Join(t.Context(), pool)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.NoError(t, m.Start(t.Context()))
	require.ErrorIs(t, m.Start(t.Context()), pdx.ErrWrongState)
	_, err = m.Join(t.Context(), 0)
	require.ErrorIs(t, err, pdx.ErrInvalid)

	s, err := m.Join(t.Context(), pool)
	require.NoError(t, err)
	ended := make(chan error)
	go func() {
		_, err := s.Next(context.Background())
		ended <- err
	}()
	require.NoError(t, m.Stop(t.Context()))
	require.ErrorIs(t, <-ended, pdx.ErrWrongState)
	require.NoError(t, m.Stop(t.Context()))
	s.Close()
	_, err = m.Join(t.Context(), pool)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorIs(t, m.Start(t.Context()), pdx.ErrWrongState)
}
