package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// disputed is a deal that one verdict decided: all but k − 1 of n validators reject it.
func disputed(n, k int) types.Deal {
	p := types.DefaultParams()
	d := types.Deal{
		RequiredCertificates: uint32(k), VerdictReward: 1_000_000, VerdictCost: p.VerdictCost, OfferCost: p.OfferCost,
		Validators: make([]types.AcceptedValidator, n), Deposit: p.Deposit(nil, 0, n, 1_000_000),
	}
	for i := range n {
		c := types.Certificate{Verdict: types.VERDICT_ACCEPT}
		if i >= k-1 {
			c = types.Certificate{Verdict: types.VERDICT_REJECT, Reason: types.REJECT_REASON_CRITERIA}
		}
		d.Certificates = append(d.Certificates, c)
	}
	return d
}

// TestBothSidesOfADisputeBearTheSame: the seller and those who accept, and those who do not.
// Where few can reject, those bear all that their verdicts cost, and never more.
func TestBothSidesOfADisputeBearTheSame(t *testing.T) {
	p := types.DefaultParams()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, types.MaxPoolValidators).Draw(t, "n")
		k := rapid.IntRange(2, n).Draw(t, "k")
		d := disputed(n, k)
		require.True(t, d.Lapses())
		require.False(t, d.Undecided())
		earned, forfeited := d.LapseEarned(false)
		require.False(t, forfeited)
		sum := math.ZeroInt()
		for i, s := range earned {
			if i < k-1 {
				require.Equal(t, p.VerdictCost, s.Amount.Uint64(), "an accept")
			}
			sum = sum.Add(s.Amount)
		}
		require.True(t, sum.LTE(d.Deposit))
		rejects := int64(n - k + 1)
		offer := sum.Int64() + int64(p.OfferCost) // what the seller bears, and so the accepts nothing
		others := int64(n)*int64(p.VerdictCost) - sum.Int64()
		require.LessOrEqual(t, others, rejects*int64(p.VerdictCost), "no verdict costs more than itself")
		if k <= n/2 {
			require.InDelta(t, offer, others, float64(2*rejects), "the halves, but for what does not divide")
		}
	})
}

// TestADisputeNeedsAllVerdicts, and accepts but for one.
func TestADisputeNeedsAllVerdicts(t *testing.T) {
	for name, row := range map[string]struct {
		change    func(*types.Deal)
		lapses    bool
		forfeited bool
	}{
		"a dispute":     {func(*types.Deal) {}, true, false},
		"one is silent": {func(d *types.Deal) { d.Certificates = d.Certificates[1:] }, false, true},
		"one accept less": {
			func(d *types.Deal) { d.Certificates[0] = d.Certificates[4] }, true, true,
		},
		"one accept without the promise": {func(d *types.Deal) {
			d.AckMode = types.ACK_MODE_QUORUM
			d.Certificates[1].Available = true
		}, true, true},
		"one reject less": {func(d *types.Deal) { d.Certificates = d.Certificates[:4] }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := disputed(5, 3)
			row.change(&d)
			require.Equal(t, row.lapses, d.Lapses())
			_, forfeited := d.LapseEarned(false)
			require.Equal(t, row.forfeited, forfeited)
		})
	}
}

// TestAMissingSetIsSilence where a deal was drawn, but for its own reward: what the others say
// decides about the deposit. Who says that the seller served nothing is not outdone by it.
func TestAMissingSetIsSilence(t *testing.T) {
	accept := types.Certificate{Verdict: types.VERDICT_ACCEPT}
	reject := func(reason types.RejectReason) types.Certificate {
		return types.Certificate{Verdict: types.VERDICT_REJECT, Reason: reason}
	}
	set := reject(types.REJECT_REASON_SET)
	for name, row := range map[string]struct {
		verdicts  []types.Certificate
		earn      int
		forfeited bool
	}{
		"only the set":            {[]types.Certificate{set, set}, 0, false},
		"an accept":               {[]types.Certificate{set, accept}, 1, false},
		"a reject":                {[]types.Certificate{set, reject(types.REJECT_REASON_CRITERIA)}, 1, true},
		"a seller who is away":    {[]types.Certificate{set, reject(types.REJECT_REASON_UNAVAILABLE)}, 1, true},
		"an accept without a set": {[]types.Certificate{accept}, 1, true},
		"a dispute":               {[]types.Certificate{accept, accept, set, set, set}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := disputed(5, 3)
			d.Draw, d.Certificates = &types.Draw{Count: 5, Height: 1}, row.verdicts
			earned, forfeited := d.LapseEarned(false)
			require.Len(t, earned, row.earn)
			require.Equal(t, row.forfeited, forfeited)
		})
	}
}
