package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func dealOf(price uint64, commissions ...uint32) types.Deal {
	d := types.Deal{Seller: "seller", Price: math.NewIntFromUint64(price), RequiredCertificates: uint32(len(commissions))}
	for _, c := range commissions {
		d.Certificates = append(d.Certificates, types.Certificate{Validator: "validator", Verdict: types.VERDICT_ACCEPT, CommissionBp: c})
	}
	return d
}

func TestSplit(t *testing.T) {
	for name, row := range map[string]struct {
		deal types.Deal
		want []int64
	}{
		"the earlier protocol's vector":       {dealOf(10_000_000, 100), []int64{9_900_000, 100_000}},
		"no commission":                       {dealOf(7, 0), []int64{7, 0}},
		"all commission":                      {dealOf(7, 10_000), []int64{0, 7}},
		"a remainder goes to the largest":     {dealOf(10, 3_333), []int64{7, 3}},
		"a tie goes to the seller":            {dealOf(1, 5_000), []int64{1, 0}},
		"a tie among validators to the first": {dealOf(10, 50, 50, 50), []int64{10, 0, 0, 0}},
		"two units left":                      {dealOf(5, 3_000, 3_000), []int64{2, 2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int64
			for _, s := range row.deal.Split() {
				got = append(got, s.Amount.Int64())
			}
			require.Equal(t, row.want, got)
		})
	}
}

// TestSplitIsExactAndFair: the shares of any price among any validators sum to
// it, and each lies within one umed of its quota.
func TestSplitIsExactAndFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Uint64Min(1).Draw(t, "price")
		n := rapid.IntRange(1, types.MaxPoolValidators).Draw(t, "validators")
		commissions := rapid.SliceOfN(rapid.Uint32Range(0, uint32(types.BasisPoints/n)), n, n).Draw(t, "commissions")
		d := dealOf(price, commissions...)
		sum, weights := math.ZeroInt(), append([]uint32{types.BasisPoints}, commissions...)
		for _, c := range commissions {
			weights[0] -= c
		}
		for i, s := range d.Split() {
			require.False(t, s.Amount.IsNegative())
			floor := d.Price.MulRaw(int64(weights[i])).QuoRaw(types.BasisPoints)
			require.True(t, s.Amount.Equal(floor) || s.Amount.Equal(floor.AddRaw(1)), "share %d of %s is %s", i, floor, s.Amount)
			sum = sum.Add(s.Amount)
		}
		require.Equal(t, d.Price, sum)
	})
}

func TestCheckCommissionsLooksAtTheHighest(t *testing.T) {
	list := []types.AcceptedValidator{{CommissionBp: 1}, {CommissionBp: 6_000}, {CommissionBp: 4_000}, {CommissionBp: 2}}
	require.NoError(t, types.CheckCommissions(list, 2))
	require.ErrorIs(t, types.CheckCommissions(list, 3), types.ErrCommissionTooBig)
	require.NoError(t, types.CheckCommissions(nil, 1))
}
