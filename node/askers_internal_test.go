package node

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	mocknet "github.com/libp2p/go-libp2p/p2p/net/mock"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/node/presence"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/p2p/access"
	"github.com/medibloc/pdx/p2p/stream"
)

// greeter proves accounts, and counts how often it was asked.
type greeter struct {
	known    map[peer.ID]pdx.Address
	asked    int
	unmarked int // contexts in which a whole table could be read
}

func (g *greeter) Known(id peer.ID) (pdx.Address, bool) {
	account, ok := g.known[id]
	return account, ok
}

func (g *greeter) Account(ctx context.Context, id peer.ID) (pdx.Address, error) {
	g.asked++
	if store.CheckScan(ctx) == nil {
		g.unmarked++
	}
	if account, ok := g.known[id]; ok {
		return account, nil
	}
	return "", pdx.ErrRefused
}

// A denied account gets nothing, and does not learn this node's.
func TestDeniedAccountGetsNothing(t *testing.T) {
	const denied, other pdx.Address = "panacea13xmp2j5ygcq8rta5203vwufpgk94dq78dkjxvg", "panacea1other"
	rules, err := access.NewRules(nil, []string{string(denied)})
	require.NoError(t, err)
	n := &Node{access: rules}
	a, err := newAskers(n)
	require.NoError(t, err)
	a.hello = &greeter{known: map[peer.ID]pdx.Address{"denied": denied, "other": other}}
	_, err = a.Account(t.Context(), "denied")
	require.ErrorIs(t, err, pdx.ErrRefused)
	account, err := a.Account(t.Context(), "other")
	require.NoError(t, err)
	require.Equal(t, other, account)
	admit := n.admitted(func(context.Context, pdx.Address) error { return nil })
	require.ErrorIs(t, admit(t.Context(), denied), pdx.ErrRefused)
	require.NoError(t, admit(t.Context(), other))
}

func TestNamelessPeersAreGreetedOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &greeter{known: map[peer.ID]pdx.Address{}}
		a, err := newAskers(&Node{access: new(access.Rules)})
		require.NoError(t, err)
		a.hello, a.public = g, func() bool { return true }
		for range 1000 {
			_, err := a.Account(t.Context(), "stranger")
			require.ErrorIs(t, err, pdx.ErrRefused)
		}
		require.Equal(t, 1, g.asked)
		time.Sleep(namelessTTL + time.Second)
		_, err = a.Account(t.Context(), "stranger")
		require.ErrorIs(t, err, pdx.ErrRefused)
		require.Equal(t, 2, g.asked)

		g.known["stranger"] = "panacea1known" // it greeted us meanwhile
		account, err := a.Account(t.Context(), "stranger")
		require.NoError(t, err)
		require.Equal(t, pdx.Address("panacea1known"), account)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 2 {
			_, err = a.Account(ctx, "other")
			require.Error(t, err)
		}
		require.Equal(t, 4, g.asked, "a request that ended says nothing about its peer")
	})
}

// Whoever asks a node that the chain does not name is not greeted: a handshake names the
// account of the one that opens it.
func TestNobodyIsGreetedBack(t *testing.T) {
	g := &greeter{known: map[peer.ID]pdx.Address{"partner": "panacea1partner"}}
	a, err := newAskers(&Node{access: new(access.Rules)})
	require.NoError(t, err)
	a.hello = g
	_, err = a.Account(t.Context(), "stranger")
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "it must greet this node first")
	require.Zero(t, g.asked)
	account, err := a.Account(t.Context(), "partner")
	require.NoError(t, err)
	require.Equal(t, pdx.Address("panacea1partner"), account)
	require.Zero(t, g.asked)

	none := guarded{t}
	require.ErrorIs(t, authorizer{hello: a, buyer: guardedBuyer{none}, seller: guardedSeller{none}, validator: guardedValidator{none}}.
		Allow(t.Context(), "stranger", pdx.ContentID{}), pdx.ErrRefused)
	require.Zero(t, g.asked)
}

type guarded struct{ t *testing.T }

func (g guarded) check(ctx context.Context) error {
	require.ErrorIs(g.t, store.CheckScan(ctx), store.ErrScan)
	return pdx.ErrNotFound
}

type (
	guardedBuyer     struct{ guarded }
	guardedSeller    struct{ guarded }
	guardedValidator struct{ guarded }
	guardedChain     struct{ guarded }
)

func (g guardedBuyer) MayPull(ctx context.Context, _ pdx.ContentID) bool { return g.check(ctx) == nil }

func (g guardedSeller) MayPull(ctx context.Context, _ pdx.Address, _ pdx.ContentID) error {
	return g.check(ctx)
}

func (g guardedValidator) MayPull(ctx context.Context, _ pdx.Address, _ pdx.ContentID) (bool, error) {
	return false, g.check(ctx)
}

func (g guardedChain) Pool(ctx context.Context, _ pdx.PoolID) (pdx.Pool, error) {
	return pdx.Pool{}, g.check(ctx)
}

func (g guardedChain) Deal(ctx context.Context, _ pdx.DealID) (pdx.Deal, error) {
	return pdx.Deal{}, g.check(ctx)
}

// Everything that a peer can ask is asked in a context in which no table is read
// whole.
func TestRequestsOfPeersReadNoTable(t *testing.T) {
	g := &greeter{}
	ctx, in := t.Context(), guarded{t}
	require.ErrorIs(t, authorizer{
		hello: g, buyer: guardedBuyer{in}, seller: guardedSeller{in}, validator: guardedValidator{in},
	}.Allow(ctx, "p", pdx.ContentID{}), pdx.ErrRefused)
	g.known = map[peer.ID]pdx.Address{"p": "panacea1p"}
	require.ErrorIs(t, authorizer{
		hello: g, buyer: guardedBuyer{in}, seller: guardedSeller{in}, validator: guardedValidator{in},
	}.Allow(ctx, "p", pdx.ContentID{}), pdx.ErrNotFound)
	g.known = nil

	require.Equal(t, 2, g.asked)
	require.Zero(t, g.unmarked)

	s := presence.NewRoles(guardedChain{in})
	require.Equal(t, gossip.Unknown, s.Role(ctx, 1, 0, "a", pdx.RoleBuyer))
	require.Equal(t, gossip.Unknown, s.Role(ctx, 1, 7, "a", pdx.RoleBuyer))
}

// The servers of protocols start in that context, too.
func TestServersReadNoTable(t *testing.T) {
	mocks, err := mocknet.FullMeshConnected(2)
	require.NoError(t, err)
	defer mocks.Close()
	there, here := mocks.Hosts()[0], mocks.Hosts()[1]
	n := &Node{log: slog.New(slog.DiscardHandler)}
	kinds := stream.Kinds{Frame: pdx.ErrRefused, Unsupported: pdx.ErrRefused, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable}
	checked := make(chan error, 1)
	server, err := stream.NewServer(stream.Config{
		Host: there, Service: "test", Kinds: kinds, Handlers: map[protocol.ID]stream.Handler{
			"/test/1": func(ctx context.Context, s *stream.ServerStream) error {
				checked <- store.CheckScan(ctx)
				<-ctx.Done()
				return ctx.Err()
			},
		},
	})
	require.NoError(t, err)
	n.addServer("test", server)
	require.NoError(t, n.lifecycle.Start(t.Context()))
	s, err := here.NewStream(t.Context(), there.ID(), "/test/1")
	require.NoError(t, err)
	defer s.Reset() // it may be gone
	_, err = s.Write([]byte{1})
	require.NoError(t, err)
	require.ErrorIs(t, <-checked, store.ErrScan)
	require.NoError(t, n.stopServer(cancelled(t), server), "a stream that is cut off is no failure of the stop")
}

func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
