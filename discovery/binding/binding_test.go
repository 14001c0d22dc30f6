package binding_test

import (
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/attest"
	"github.com/medibloc/pdx/discovery/binding"
	"github.com/medibloc/pdx/discovery/binding/bindingtest"
	"github.com/medibloc/pdx/discovery/discoverypb"
)

var (
	now   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	terms = binding.Terms{ChainID: "c-1", Peer: peer.ID("speaker"), Audience: peer.ID("reader"), Nonce: []byte("challenge")}
)

func TestMakeAndCheck(t *testing.T) {
	alice := bindingtest.New("alice")
	for _, terms := range []binding.Terms{terms, {ChainID: "c-1", Peer: "speaker"}} {
		b, err := binding.Make(alice, terms, now)
		require.NoError(t, err)
		proven, err := binding.Check(b, terms, now)
		require.NoError(t, err)
		require.Equal(t, alice.Account(), proven.Account)
		require.True(t, proven.Expiry.Equal(now.Add(binding.Lifetime)))
	}
}

func TestCheckRefuses(t *testing.T) {
	alice, mallory := bindingtest.New("alice"), bindingtest.New("mallory")
	cases := map[string]func(b *discoverypb.Binding, want *binding.Terms, at *time.Time){
		"another chain":     func(_ *discoverypb.Binding, w *binding.Terms, _ *time.Time) { w.ChainID = "c-2" },
		"another peer":      func(_ *discoverypb.Binding, w *binding.Terms, _ *time.Time) { w.Peer = "else" },
		"another reader":    func(_ *discoverypb.Binding, w *binding.Terms, _ *time.Time) { w.Audience = "else" },
		"everybody":         func(_ *discoverypb.Binding, w *binding.Terms, _ *time.Time) { w.Audience = "" },
		"another challenge": func(_ *discoverypb.Binding, w *binding.Terms, _ *time.Time) { w.Nonce = []byte("else") },
		"expired":           func(_ *discoverypb.Binding, _ *binding.Terms, at *time.Time) { *at = at.Add(binding.Lifetime) },
		"too long":          func(_ *discoverypb.Binding, _ *binding.Terms, at *time.Time) { *at = at.Add(-binding.MaxLifetime) },
		"another account":   func(b *discoverypb.Binding, _ *binding.Terms, _ *time.Time) { b.Account = string(mallory.Account()) },
		"another key":       func(b *discoverypb.Binding, _ *binding.Terms, _ *time.Time) { b.PublicKey = mallory.PublicKey() },
		"another expiry":    func(b *discoverypb.Binding, _ *binding.Terms, _ *time.Time) { b.Expiry++ },
		"a flipped bit":     func(b *discoverypb.Binding, _ *binding.Terms, _ *time.Time) { b.Signature[9] ^= 1 },
		"no signature":      func(b *discoverypb.Binding, _ *binding.Terms, _ *time.Time) { b.Signature = nil },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			b, err := binding.Make(alice, terms, now)
			require.NoError(t, err)
			want, at := terms, now
			change(b, &want, &at)
			_, err = binding.Check(b, want, at)
			require.ErrorIs(t, err, pdx.ErrRefused)
			require.Equal(t, name == "expired", errors.Is(err, attest.ErrExpired))
		})
	}
	_, err := binding.Check(nil, terms, now)
	require.ErrorIs(t, err, pdx.ErrRefused)
}

// A stolen name with the thief's own key is refused like a forged signature.
func TestImposter(t *testing.T) {
	mallory := bindingtest.New("mallory")
	mallory.Named = bindingtest.New("alice").Account()
	b, err := binding.Make(mallory, terms, now)
	require.NoError(t, err)
	_, err = binding.Check(b, terms, now)
	require.ErrorIs(t, err, attest.ErrSignature)
}

func FuzzCheck(f *testing.F) {
	b, err := binding.Make(bindingtest.New("alice"), terms, now)
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
		proven, err := binding.Check(&b, terms, now)
		if err == nil {
			require.Equal(t, bindingtest.New("alice").Account(), proven.Account, "nobody else signs here")
		}
	})
}
