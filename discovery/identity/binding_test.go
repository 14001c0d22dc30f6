package identity_test

import (
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/discoverypb"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
	"github.com/medibloc/pdx/exchange/attest"
)

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	terms = identity.Terms{ChainID: "c-1", Peer: peer.ID("speaker"), Audience: peer.ID("reader"), Nonce: []byte("challenge")}
)

func TestMakeAndCheck(t *testing.T) {
	alice := identitytest.New("alice")
	for _, terms := range []identity.Terms{terms, {ChainID: "c-1", Peer: "speaker"}} {
		b, err := identity.Bind(alice, terms, now)
		require.NoError(t, err)
		proven, err := identity.CheckBinding(b, terms, now)
		require.NoError(t, err)
		require.Equal(t, alice.Account(), proven.Account)
		require.True(t, proven.Expiry.Equal(now.Add(identity.Lifetime)))
	}
}

func TestCheckRefuses(t *testing.T) {
	alice, mallory := identitytest.New("alice"), identitytest.New("mallory")
	cases := map[string]func(b *discoverypb.Binding, want *identity.Terms, at *time.Time){
		"another chain":     func(_ *discoverypb.Binding, w *identity.Terms, _ *time.Time) { w.ChainID = "c-2" },
		"another peer":      func(_ *discoverypb.Binding, w *identity.Terms, _ *time.Time) { w.Peer = "else" },
		"another reader":    func(_ *discoverypb.Binding, w *identity.Terms, _ *time.Time) { w.Audience = "else" },
		"everybody":         func(_ *discoverypb.Binding, w *identity.Terms, _ *time.Time) { w.Audience = "" },
		"another challenge": func(_ *discoverypb.Binding, w *identity.Terms, _ *time.Time) { w.Nonce = []byte("else") },
		"expired":           func(_ *discoverypb.Binding, _ *identity.Terms, at *time.Time) { *at = at.Add(identity.Lifetime) },
		"too long":          func(_ *discoverypb.Binding, _ *identity.Terms, at *time.Time) { *at = at.Add(-identity.MaxLifetime) },
		"another account":   func(b *discoverypb.Binding, _ *identity.Terms, _ *time.Time) { b.Account = string(mallory.Account()) },
		"another key":       func(b *discoverypb.Binding, _ *identity.Terms, _ *time.Time) { b.PublicKey = mallory.PublicKey() },
		"another expiry":    func(b *discoverypb.Binding, _ *identity.Terms, _ *time.Time) { b.Expiry++ },
		"a flipped bit":     func(b *discoverypb.Binding, _ *identity.Terms, _ *time.Time) { b.Signature[9] ^= 1 },
		"no signature":      func(b *discoverypb.Binding, _ *identity.Terms, _ *time.Time) { b.Signature = nil },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			b, err := identity.Bind(alice, terms, now)
			require.NoError(t, err)
			want, at := terms, now
			change(b, &want, &at)
			_, err = identity.CheckBinding(b, want, at)
			require.ErrorIs(t, err, pdx.ErrRefused)
			require.Equal(t, name == "expired", errors.Is(err, attest.ErrExpired))
		})
	}
	_, err := identity.CheckBinding(nil, terms, now)
	require.ErrorIs(t, err, pdx.ErrRefused)
}

// A stolen name with the thief's own key is refused like a forged signature.
func TestImposter(t *testing.T) {
	mallory := identitytest.New("mallory")
	mallory.Named = identitytest.New("alice").Account()
	b, err := identity.Bind(mallory, terms, now)
	require.NoError(t, err)
	_, err = identity.CheckBinding(b, terms, now)
	require.ErrorIs(t, err, attest.ErrSignature)
}

func FuzzCheck(f *testing.F) {
	b, err := identity.Bind(identitytest.New("alice"), terms, now)
	require.NoError(f, err)
	good, err := proto.Marshal(b)
	require.NoError(f, err)
	f.Add(good)
	f.Add(good[:40])
	f.Fuzz(func(t *testing.T, raw []byte) {
		var b discoverypb.Binding
		if proto.Unmarshal(raw, &b) != nil {
			return
		}
		proven, err := identity.CheckBinding(&b, terms, now)
		if err == nil {
			require.Equal(t, identitytest.New("alice").Account(), proven.Account, "nobody else signs here")
		}
	})
}
