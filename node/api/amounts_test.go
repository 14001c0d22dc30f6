package api_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

func TestAmounts(t *testing.T) {
	for _, a := range []pdx.Amount{0, 1, 1_500_000, math.MaxUint64} {
		back, err := api.ToAmount(api.FromAmount(a))
		require.NoError(t, err)
		require.Equal(t, a, back)
	}
	none, err := api.ToAmount(nil)
	require.NoError(t, err)
	require.Zero(t, none)
	for _, bad := range []*nodepb.Amount{
		{Amount: "5"},
		{Amount: "5", Denom: "MED"},
		{Amount: "5", Denom: "BTC"},
		{Denom: "umed"},
		{Amount: "-1", Denom: "umed"},
		{Amount: "1.5", Denom: "umed"},
		{Amount: "0x10", Denom: "umed"},
		{Amount: "18446744073709551616", Denom: "umed"},
	} {
		_, err := api.ToAmount(bad)
		require.ErrorIs(t, err, pdx.ErrInvalid, "%v", bad)
	}
}

// FuzzToAmount finds that what is read is what was written, or refused.
func FuzzToAmount(f *testing.F) {
	f.Add("1500000", "umed")
	f.Add("", "")
	f.Add("1", "umedumed")
	f.Fuzz(func(t *testing.T, digits, denom string) {
		a, err := api.ToAmount(&nodepb.Amount{Amount: digits, Denom: denom})
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
			return
		}
		again, err := api.ToAmount(api.FromAmount(a))
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}
