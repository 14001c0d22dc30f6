package types_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdkmath "cosmossdk.io/math"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestDutyWeight(t *testing.T) {
	weight := func(price, reward uint64, commissionBp uint32) uint64 {
		return types.Deal{
			Price: sdkmath.NewIntFromUint64(price), VerdictReward: reward, Draw: &types.Draw{Count: 3},
		}.DutyWeight(commissionBp)
	}
	require.EqualValues(t, 100_000, weight(10_000_000, 0, 100))
	require.EqualValues(t, 1_070_000, weight(10_000_000, 1_000_000, 100), "the reward, and 1 % of what three rewards leave")
	require.EqualValues(t, 1, weight(99, 0, 100), "what is less than one unit counts as one")
	require.EqualValues(t, 1, weight(10_000_000, 0, 0))
	require.EqualValues(t, uint64(math.MaxUint64), weight(math.MaxUint64, 0, types.BasisPoints))
	require.EqualValues(t, uint64(math.MaxUint64)/3, weight(math.MaxUint64, math.MaxUint64/3, 0))
}

// TestDutiesAreTheLastOnes holds the packed record against a plain list.
func TestDutiesAreTheLastOnes(t *testing.T) {
	type duty struct {
		weight uint64
		missed bool
	}
	rapid.Check(t, func(t *rapid.T) {
		var packed types.Duties
		var plain []duty
		for range rapid.IntRange(0, 200).Draw(t, "duties") {
			window := rapid.Uint32Range(1, types.MaxDutyWindow).Draw(t, "window")
			d := duty{rapid.Uint64Min(1).Draw(t, "weight"), rapid.Bool().Draw(t, "missed")}
			packed.Add(d.weight, d.missed, window)
			plain = append(plain, d)
			plain = plain[max(0, len(plain)-int(window)):]
			require.Len(t, packed.Weights, len(plain))
			missed := uint32(0)
			for i, want := range plain {
				require.Equal(t, want.weight, packed.Weights[i])
				require.Equal(t, want.missed, packed.Missed>>i&1 == 1)
				if want.missed {
					missed++
				}
			}
			require.Equal(t, missed, packed.MissedCount())
		}
	})
}

// duties are of the weights that are given, missed where they are negative.
func duties(weights ...int64) (d types.Duties) {
	for _, w := range weights {
		d.Add(uint64(max(w, -w)), w < 0, types.MaxDutyWindow)
	}
	return d
}

func TestWhichDutiesJail(t *testing.T) {
	p := types.DefaultParams()
	for name, row := range map[string]struct {
		duties types.Duties
		jails  bool
	}{
		"none":                                     {duties(), false},
		"two missed":                               {duties(-9, -9), false},
		"three missed":                             {duties(-9, -9, -9), true},
		"half of the weight":                       {duties(-9, -9, -9, 9, 9, 9), true},
		"less than half":                           {duties(-9, -9, -9, 9, 9, 9, 9), false},
		"answered ones of little weight":           {duties(-9, -9, -9, 1, 1, 1, 1, 1, 1, 1, 1), true},
		"one answered of great weight":             {duties(-9, -9, -9, 1_000_000), true},
		"missed ones of little weight":             {duties(-1, -1, -1, 9, 9, 9, 9), false},
		"one missed of great weight, two of small": {duties(-100, -1, -1, 9, 9, 9, 9), true},
		"many answered of great weight":            {duties(-9, -9, -9, 99, 99, 99, 99), false},
	} {
		require.Equal(t, row.jails, p.Jails(row.duties), name)
	}
	p.JailMissedCount = 0
	require.False(t, p.Jails(duties(-9, -9, -9)), "no number of missed duties jails")
	huge := types.Duties{Missed: math.MaxUint64}
	for range types.MaxDutyWindow {
		huge.Weights = append(huge.Weights, math.MaxUint64)
	}
	require.True(t, types.DefaultParams().Jails(huge), "no sum wraps round")
}
