package keys_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/keys"
)

// A home that is recovered from its mnemonic makes the same seed; the known answer
// was computed with Python's hashlib and hmac.
func TestDatasetSeed(t *testing.T) {
	first, second := plainSecrets{}, plainSecrets{}
	require.NoError(t, keys.Create(t.Context(), first, abandon))
	require.NoError(t, keys.Create(t.Context(), second, abandon))
	for _, secrets := range []plainSecrets{first, second} {
		seed, err := keys.DatasetSeed(t.Context(), secrets)
		require.NoError(t, err)
		raw := seed.Bytes()
		require.Equal(t, "5387db172275d68494fc279b1d0f2cfe03231bb30289ffa925147a6b05091297", hex.EncodeToString(raw[:]))
	}
	_, err := keys.DatasetSeed(t.Context(), plainSecrets{})
	require.ErrorIs(t, err, pdx.ErrNotFound)
}
