package identity_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

func TestBothLearnWhoTheOtherIs(t *testing.T) {
	a, b := newHost(t), newHost(t)
	alice, bob := identitytest.New("alice"), identitytest.New("bob")
	sa, sb := start(t, a, alice), start(t, b, bob)
	connect(t, a, b)

	account, err := sa.Account(t.Context(), b.ID())
	require.NoError(t, err)
	require.Equal(t, bob.Account(), account)

	require.NoError(t, sa.Stop(t.Context())) // nobody left to ask: it must remember
	account, err = sb.Account(t.Context(), a.ID())
	require.NoError(t, err)
	require.Equal(t, alice.Account(), account)

	account, err = sb.Account(t.Context(), b.ID())
	require.NoError(t, err)
	require.Equal(t, bob.Account(), account, "itself it knows")
}

func TestQuestionsShareAHandshake(t *testing.T) {
	a, b := newHost(t), newHost(t)
	bob := identitytest.New("bob")
	sa := start(t, a, identitytest.New("alice"))
	start(t, b, bob)
	connect(t, a, b)

	var asked sync.WaitGroup
	for range 32 {
		asked.Go(func() {
			account, err := sa.Account(t.Context(), b.ID())
			if err != nil || account != bob.Account() {
				t.Errorf("got %v, %v", account, err)
			}
		})
	}
	asked.Wait()
	require.Equal(t, 1, bob.Signed())
}

func TestProofsAreForgottenWhenTheyEnd(t *testing.T) {
	a, b := newHost(t), newHost(t)
	bob := identitytest.New("bob")
	at := &clock{at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	sa := start(t, a, identitytest.New("alice"), func(c *identity.Config) { c.Now = at.now })
	start(t, b, bob, func(c *identity.Config) { c.Now = at.now })
	connect(t, a, b)

	for _, wait := range []time.Duration{0, identity.Lifetime - time.Second, time.Second} {
		at.pass(wait)
		_, err := sa.Account(t.Context(), b.ID())
		require.NoError(t, err)
	}
	require.Equal(t, 2, bob.Signed())
}

// Every way to answer for somebody else is refused, as responder and as opener.
func TestImposters(t *testing.T) {
	alice, mallory := identitytest.New("alice"), identitytest.New("mallory")
	now := time.Now()
	cases := map[string]func(*testing.T, identity.Terms) *discoverypb.Binding{
		"names another's account": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			thief := identitytest.New("mallory")
			thief.Named = alice.Account()
			return made(t, thief, terms, now)
		},
		"puts another's name under its signature": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			b := made(t, mallory, terms, now)
			b.Account, b.PublicKey = string(alice.Account()), alice.PublicKey()
			return b
		},
		"shows what another peer made for us": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			terms.Peer = "another peer"
			return made(t, alice, terms, now)
		},
		"shows what was made for another reader": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			terms.Audience = "another reader"
			return made(t, alice, terms, now)
		},
		"shows what was made for everybody": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			terms.Audience = ""
			return made(t, alice, terms, now)
		},
		"replays an old answer": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			terms.Nonce = make([]byte, 32)
			return made(t, alice, terms, now)
		},
		"is of another chain": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			terms.ChainID = "pdx-test-2"
			return made(t, alice, terms, now)
		},
		"has expired": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			return made(t, alice, terms, now.Add(-identity.Lifetime-time.Second))
		},
		"counts too long": func(t *testing.T, terms identity.Terms) *discoverypb.Binding {
			return made(t, alice, terms, now.Add(identity.MaxLifetime))
		},
		"says nothing": func(*testing.T, identity.Terms) *discoverypb.Binding { return &discoverypb.Binding{} },
	}
	honest, liar := newHost(t), newHost(t)
	bob := identitytest.New("bob")
	s := start(t, honest, bob)
	connect(t, honest, liar)
	for name, forge := range cases {
		t.Run(name, func(t *testing.T) {
			answers(liar, func(terms identity.Terms) *discoverypb.Binding { return forge(t, terms) })
			_, err := s.Account(t.Context(), liar.ID())
			require.ErrorIs(t, err, pdx.ErrRefused)

			before := bob.Signed()
			require.False(t, presents(t, liar, honest.ID(), func(terms identity.Terms) *discoverypb.Binding { return forge(t, terms) }))
			require.Equal(t, before, bob.Signed(), "the honest side names itself to the proven only")
		})
	}
	// The harness itself can tell the truth.
	answers(liar, func(terms identity.Terms) *discoverypb.Binding { return made(t, mallory, terms, now) })
	account, err := s.Account(t.Context(), liar.ID())
	require.NoError(t, err)
	require.Equal(t, mallory.Account(), account)
}

// A man in the middle passes the challenges of one honest peer on to another.
func TestRelayedHandshake(t *testing.T) {
	a, middle, b := newHost(t), newHost(t), newHost(t)
	start(t, a, identitytest.New("alice"))
	sb := start(t, b, identitytest.New("bob"))
	connect(t, middle, a)
	connect(t, b, middle)

	answers(middle, func(terms identity.Terms) *discoverypb.Binding {
		s, err := middle.NewStream(context.Background(), a.ID(), hello1)
		if err != nil {
			return nil
		}
		defer s.Close()
		k := newHostile(s)
		if k.send(&discoverypb.Hello{Challenge: terms.Nonce}) != nil {
			return nil
		}
		challenge, err := k.challenge()
		if err != nil {
			return nil
		}
		own := identity.Terms{ChainID: chainID, Peer: middle.ID(), Audience: a.ID(), Nonce: challenge}
		if k.send(made(t, identitytest.New("middle"), own, time.Now())) != nil {
			return nil
		}
		of, err := k.binding() // alice's, over bob's challenge
		if err != nil || string(identitytest.New("alice").Account()) != of.GetAccount() {
			t.Errorf("the man in the middle got nothing: %v", err)
		}
		return of
	})
	_, err := sb.Account(t.Context(), middle.ID())
	require.ErrorIs(t, err, pdx.ErrRefused)
}

func TestTheRefusedLearnThatTheyAre(t *testing.T) {
	a, b := newHost(t), newHost(t)
	thief := identitytest.New("mallory")
	thief.Named = identitytest.New("alice").Account()
	sa := start(t, a, thief)
	start(t, b, identitytest.New("bob"))
	connect(t, a, b)
	_, err := sa.Account(t.Context(), b.ID())
	require.ErrorIs(t, err, pdx.ErrRefused)
}

func TestUnreachable(t *testing.T) {
	a, deaf := newHost(t), newHost(t)
	s := start(t, a, identitytest.New("alice"))
	_, err := s.Account(t.Context(), deaf.ID()) // no address known
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	connect(t, a, deaf)
	_, err = s.Account(t.Context(), deaf.ID()) // speaks no hello
	require.ErrorIs(t, err, pdx.ErrUnavailable)
}

type panics struct{ identity.Signer }

func (panics) Sign([]byte) ([]byte, error) { panic("the key store is gone") }

func TestAPanicEndsItsHandshakeOnly(t *testing.T) {
	a, b := newHost(t), newHost(t)
	sa := start(t, a, identitytest.New("alice"))
	sb := start(t, b, panics{identitytest.New("bob")})
	connect(t, a, b)
	_, err := sa.Account(t.Context(), b.ID())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	_, err = sb.Account(t.Context(), a.ID())
	require.NoError(t, err, "alice had proven herself before bob's signer failed")
}

func TestLifeCycle(t *testing.T) {
	h := newHost(t)
	for _, id := range []string{"", "a/b", "a b"} {
		_, err := identity.New(identity.Config{Host: h, ChainID: id, Signer: identitytest.New("alice")})
		require.ErrorIs(t, err, pdx.ErrInvalid)
	}
	s, err := identity.New(identity.Config{Host: h, ChainID: chainID, Signer: identitytest.New("alice")})
	require.NoError(t, err)
	_, err = s.Account(t.Context(), "somebody")
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.NoError(t, s.Start(t.Context()))
	require.ErrorIs(t, s.Start(t.Context()), pdx.ErrWrongState)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Account(cancelled, "somebody")
	require.True(t, errors.Is(err, context.Canceled) || errors.Is(err, pdx.ErrUnavailable))

	require.NoError(t, s.Stop(t.Context()))
	require.NoError(t, s.Stop(t.Context()))
	require.ErrorIs(t, s.Start(t.Context()), pdx.ErrWrongState)
}
