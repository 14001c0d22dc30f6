package attest_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/exchange/attest"
)

// TestReportHash holds a report hash against that of docs/spec/validation.md, which was made
// by another implementation.
func TestReportHash(t *testing.T) {
	digest, err := hex.DecodeString("e393a605c3a585d987bbab9d5c7677df8dc1bedc730c3ad687a5eea2d4e5acce")
	require.NoError(t, err)
	hash := attest.Report{
		ChainID: "panacea-local-1", Deal: 100, Validator: "panacea16q6g46va64az2gvgsykqzhmp7gvzmqw28qngsc", Digest: [32]byte(digest),
	}.Hash()
	require.Equal(t, "d62234613922a6571e12a5fbbf5beda4afcf357abac69ec282904860b437953d", hex.EncodeToString(hash[:]))
}
