package seal

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// TestDigest holds the report digest against known answers, made with another
// implementation of HKDF and BLAKE3 from the specification.
func TestDigest(t *testing.T) {
	v := load[segmentsVector](t, "segments")[0]
	seed, err := SeedFromBytes(v.Master)
	require.NoError(t, err)
	key, err := seed.Dataset([32]byte(v.Nonce))
	require.NoError(t, err)
	for plaintext, want := range map[string]string{
		"":        "d7e51e2bd0ad3ab24e5b00eba98b77a3a2d1cb84e7c3ff79915958c46e0f9e69",
		"records": "e393a605c3a585d987bbab9d5c7677df8dc1bedc730c3ad687a5eea2d4e5acce",
	} {
		digest, err := key.Digest(pdx.AES256GCM)
		require.NoError(t, err)
		_, _ = digest.Write([]byte(plaintext))
		require.Equal(t, want, hex.EncodeToString(digest.Sum(nil)))
		commitment, err := key.Commitment(bytes.NewReader([]byte(plaintext)), pdx.AES256GCM)
		require.NoError(t, err)
		require.NotEqual(t, want, hex.EncodeToString(commitment[:]), "the commitment is on chain")
	}
	_, err = key.Digest("none")
	require.ErrorIs(t, err, pdx.ErrInvalid)
}
