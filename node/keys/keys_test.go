package keys_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/keys"
)

const abandon = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

// plainSecrets holds secrets in memory, unencrypted.
type plainSecrets map[string][]byte

func (s plainSecrets) Get(_ context.Context, name string) ([]byte, error) {
	if v, ok := s[name]; ok {
		return v, nil
	}
	return nil, pdx.ErrNotFound
}

func (s plainSecrets) Put(_ context.Context, name string, value []byte) error {
	s[name] = value
	return nil
}

func TestKnownMnemonicGivesPanaceaAddress(t *testing.T) {
	secrets := plainSecrets{}
	require.NoError(t, keys.Create(t.Context(), secrets, "  "+abandon+"\n"))
	k, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	require.Equal(t, pdx.Address("panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc"), k.Account())
}

func TestSignatureVerifies(t *testing.T) {
	secrets := plainSecrets{}
	require.NoError(t, keys.Create(t.Context(), secrets, ""))
	k, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	signature, err := k.Sign([]byte("message"))
	require.NoError(t, err)
	require.Len(t, signature, 64)

	public, err := secp256k1.ParsePubKey(k.PublicKey())
	require.NoError(t, err)
	var r, s secp256k1.ModNScalar
	r.SetByteSlice(signature[:32])
	s.SetByteSlice(signature[32:])
	require.False(t, s.IsOverHalfOrder())
	hash := sha256.Sum256([]byte("message"))
	require.True(t, ecdsa.NewSignature(&r, &s).Verify(hash[:], public))
}

func TestKeysSurviveAndAreNeverOverwritten(t *testing.T) {
	secrets := plainSecrets{}
	_, err := keys.Load(t.Context(), secrets)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.NoError(t, keys.Create(t.Context(), secrets, ""))
	first, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	require.ErrorIs(t, keys.Create(t.Context(), secrets, abandon), pdx.ErrWrongState)
	again, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	require.Equal(t, first.Account(), again.Account())
	require.Equal(t, first.PeerID(), again.PeerID())
}

func TestBadMnemonic(t *testing.T) {
	err := keys.Create(t.Context(), plainSecrets{}, "abandon ability able")
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestKeysDoNotShowThemselves(t *testing.T) {
	secrets := plainSecrets{}
	require.NoError(t, keys.Create(t.Context(), secrets, abandon))
	k, err := keys.Load(t.Context(), secrets)
	require.NoError(t, err)
	for _, format := range []string{"%v", "%s", "%+v"} {
		require.NotContains(t, fmt.Sprintf(format, k), "abandon")
	}
}
