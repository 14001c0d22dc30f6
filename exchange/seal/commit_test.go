package seal_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
)

// Commitment returns the commitment of sealing the same plaintext, and of no other.
func TestCommitmentIsThatOfTheSealing(t *testing.T) {
	for _, aead := range []pdx.AEAD{pdx.AES256GCM, pdx.ChaCha20Poly1305} {
		seed, nonce := seal.NewSeed(), seal.NewNonce()
		key, err := seed.Dataset(nonce)
		require.NoError(t, err)
		plain := strings.Repeat("record\n", 20_000)
		facts, err := key.Seal(io.Discard, strings.NewReader(plain), aead)
		require.NoError(t, err)
		again, err := seed.Dataset(nonce)
		require.NoError(t, err)
		for range 2 { // it can be called again
			got, err := again.Commitment(strings.NewReader(plain), aead)
			require.NoError(t, err)
			require.Equal(t, facts.Commitment, got)
		}
		other, err := again.Commitment(strings.NewReader(plain[1:]), aead)
		require.NoError(t, err)
		require.NotEqual(t, facts.Commitment, other)
		_, err = again.Seal(&bytes.Buffer{}, strings.NewReader(plain), aead)
		require.NoError(t, err, "the key can still seal")
	}
	key, err := seal.NewSeed().Dataset(seal.NewNonce())
	require.NoError(t, err)
	_, err = key.Commitment(strings.NewReader(""), "AEAD_NONE")
	require.ErrorIs(t, err, pdx.ErrInvalid)
	broken := errors.New("disk")
	_, err = key.Commitment(iotest.ErrReader(broken), pdx.AES256GCM)
	require.ErrorIs(t, err, broken)
}
