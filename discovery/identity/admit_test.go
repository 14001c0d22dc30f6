package identity_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// A responder names its account only to accounts that may know it, and knows the others
// all the same.
func TestOnlyAdmittedAccountsAreAnswered(t *testing.T) {
	victim, partner, stranger := newHost(t), newHost(t), newHost(t)
	alice, mallory := identitytest.New("alice"), identitytest.New("a fresh key")
	var tied atomic.Bool // the ledger ties mallory to the victim
	v := start(t, victim, identitytest.New("bob"), func(c *identity.Config) {
		c.Admit = func(_ context.Context, account pdx.Address) error {
			if account == alice.Account() || tied.Load() {
				return nil
			}
			return pdx.ErrRefused
		}
	})
	p, s := start(t, partner, alice), start(t, stranger, mallory)
	connect(t, partner, victim)
	connect(t, stranger, victim)

	account, err := p.Account(t.Context(), victim.ID())
	require.NoError(t, err)
	require.Equal(t, identitytest.New("bob").Account(), account)

	for range 2 {
		_, err = s.Account(t.Context(), victim.ID())
		require.ErrorIs(t, err, identity.ErrWithheld)
		require.ErrorIs(t, err, pdx.ErrRefused)
	}
	_, known := s.Known(victim.ID())
	require.False(t, known)
	account, known = v.Known(stranger.ID())
	require.True(t, known, "what a stranger asks for is refused by its account")
	require.Equal(t, mallory.Account(), account)
	require.False(t, presents(t, stranger, victim.ID(), func(terms identity.Terms) *discoverypb.Binding {
		return made(t, mallory, terms, time.Now())
	}), "byte by byte, too")

	tied.Store(true)
	account, err = s.Account(t.Context(), victim.ID())
	require.NoError(t, err, "a block later")
	require.Equal(t, identitytest.New("bob").Account(), account)
}

// A responder that cannot ask its ledger names nothing, and asks to try again.
func TestNobodyIsAnsweredWhileTheLedgerIsAway(t *testing.T) {
	victim, partner := newHost(t), newHost(t)
	start(t, victim, identitytest.New("bob"), func(c *identity.Config) {
		c.Admit = func(context.Context, pdx.Address) error { return pdx.ErrUnavailable }
	})
	p := start(t, partner, identitytest.New("alice"))
	connect(t, partner, victim)
	_, err := p.Account(t.Context(), victim.ID())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.NotErrorIs(t, err, pdx.ErrRefused)
	require.ErrorIs(t, p.Introduce(t.Context(), victim.ID()), pdx.ErrUnavailable)
}

// An introduction lasts as long as its connection.
func TestIntroduceOncePerConnection(t *testing.T) {
	for name, answer := range map[string]error{"answered": nil, "not answered": pdx.ErrRefused} {
		t.Run(name, func(t *testing.T) {
			holder, puller := newHost(t), newHost(t)
			var greetings atomic.Int64
			h := start(t, holder, identitytest.New("bob"), func(c *identity.Config) {
				c.Admit = func(context.Context, pdx.Address) error { greetings.Add(1); return answer }
			})
			p := start(t, puller, identitytest.New("alice"))
			for round := range 2 {
				connect(t, puller, holder)
				for range 3 {
					require.NoError(t, p.Introduce(t.Context(), holder.ID()))
				}
				require.EqualValues(t, round+1, greetings.Load())
				account, known := h.Known(puller.ID())
				require.True(t, known)
				require.Equal(t, identitytest.New("alice").Account(), account)
				require.NoError(t, puller.Network().ClosePeer(holder.ID()))
				require.Eventually(t, func() bool {
					return holder.Network().Connectedness(puller.ID()) != network.Connected
				}, patience, glance)
			}
		})
	}
}
