package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestAcceptsBeyondTheRequiredEarnTheirCost from the price, and no commission.
func TestAcceptsBeyondTheRequiredEarnTheirCost(t *testing.T) {
	d := dealOf(10_000_000, 100, 200, 300)
	d.RequiredCertificates, d.VerdictReward, d.VerdictCost = 1, 1_000_000, 500_000
	for i, v := range []string{"first", "late", "later"} {
		d.Certificates[i].Validator = v
	}
	require.Equal(t, []types.Share{
		{Address: "seller", Amount: math.NewInt(8_000_000 - 80_000)},
		{Address: "first", Amount: math.NewInt(1_000_000 + 80_000)},
		{Address: "late", Amount: math.NewInt(500_000)},
		{Address: "later", Amount: math.NewInt(500_000)},
	}, d.Split())
	d.VerdictCost = 0
	require.Len(t, d.Split(), 2)
}

// TestRewardsKeepSharesExact: whatever the rewards, the shares sum to the price, and nobody
// pays for a share.
func TestRewardsKeepSharesExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, types.MaxPoolValidators).Draw(t, "validators")
		price := rapid.Uint64Min(uint64(n)).Draw(t, "price")
		d := dealOf(price, rapid.SliceOfN(rapid.Uint32Range(0, uint32(types.BasisPoints/n)), n, n).Draw(t, "commissions")...)
		d.RequiredCertificates = uint32(rapid.IntRange(1, n).Draw(t, "k"))
		d.VerdictReward = rapid.Uint64Range(0, price/uint64(n)).Draw(t, "reward")
		d.VerdictCost = rapid.Uint64Range(0, d.VerdictReward).Draw(t, "cost")
		sum := math.ZeroInt()
		for _, s := range d.Split() {
			require.False(t, s.Amount.IsNegative())
			sum = sum.Add(s.Amount)
		}
		require.Equal(t, d.Price, sum)
	})
}

// TestADepositCoversEveryVerdict of every deal that lapses.
func TestADepositCoversEveryVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, types.MaxPoolValidators).Draw(t, "validators")
		p := types.DefaultParams()
		d := types.Deal{RequiredCertificates: 1, VerdictReward: rapid.Uint64().Draw(t, "reward")}
		d.VerdictCost = min(d.VerdictReward, p.VerdictCost)
		d.Validators = make([]types.AcceptedValidator, n)
		if rapid.Bool().Draw(t, "drawn") {
			d.Draw = &types.Draw{Count: uint32(n), Height: 1}
		}
		for range rapid.IntRange(0, n).Draw(t, "verdicts") {
			d.Certificates = append(d.Certificates, types.Certificate{
				Verdict: types.VERDICT_REJECT, Reason: types.RejectReason(rapid.Int32Range(1, 7).Draw(t, "reason")),
			})
		}
		d.Deposit = p.Deposit([]string{"/a"}, 0, n, d.VerdictReward)
		earned, _ := d.LapseEarned(rapid.Bool().Draw(t, "excused"))
		sum := math.ZeroInt()
		for _, s := range earned {
			sum = sum.Add(s.Amount)
		}
		require.True(t, sum.LTE(d.Deposit), "%s of %s", sum, d.Deposit)
	})
}

// TestStakesFitTheirNumbers at the ends of the parameters.
func TestStakesFitTheirNumbers(t *testing.T) {
	p := types.DefaultParams()
	p.SlashFractionBp, p.SegmentComplaintCost = types.BasisPoints, types.MaxCost
	p.CompensationBase, p.CompensationPerMib = types.MaxCost, types.MaxCost
	require.NoError(t, p.Validate())
	most := math.NewIntFromUint64(1<<64 - 1)
	s := p.NewStake(most, 1, types.MaxDatasetSize)
	require.Equal(t, most.Uint64(), s.Amount)
	require.Equal(t, uint64(types.MaxCost+types.MaxCost<<24), s.Compensation)
	require.Equal(t, uint64(2*types.MaxCost), p.NewStake(math.OneInt(), 32, 16).Amount)
}
