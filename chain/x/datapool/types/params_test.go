package types_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestDefaultParamsAreValid(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	require.NoError(t, types.DefaultGenesis().Validate())
}

func TestParamsRefusals(t *testing.T) {
	for name, change := range map[string]func(*types.Params){
		"no denom":                 func(p *types.Params) { p.Denom = "" },
		"no bond":                  func(p *types.Params) { p.MinBond = math.Int{} },
		"zero bond":                func(p *types.Params) { p.MinBond = math.ZeroInt() },
		"zero deposit":             func(p *types.Params) { p.OfferDeposit = math.ZeroInt() },
		"deposit beyond 64 bits":   func(p *types.Params) { p.OfferDeposit = math.NewIntFromUint64(1 << 63).MulRaw(2) },
		"zero least deadline":      func(p *types.Params) { p.MinDeadlines.Key = 0 },
		"default below the least":  func(p *types.Params) { p.DefaultDeadlines.Ack = p.MinDeadlines.Ack - 1 },
		"default above the most":   func(p *types.Params) { p.DefaultDeadlines.Certify = p.MaxDeadlines.Certify + 1 },
		"most too long":            func(p *types.Params) { p.MaxDeadlines.Dispute = types.MaxDuration + 1 },
		"no block time":            func(p *types.Params) { p.BlockTime = 0 },
		"long block time":          func(p *types.Params) { p.BlockTime = time.Hour + 1 },
		"slow ack":                 func(p *types.Params) { p.AckBytesPerSecond = types.MinBytesPerSecond - 1 },
		"slow dispute":             func(p *types.Params) { p.DisputeBytesPerSecond = 0 },
		"longest ack below a base": func(p *types.Params) { p.MaxAck = p.MaxDeadlines.Ack - 1 },
		"longest ack too long":     func(p *types.Params) { p.MaxAck = types.MaxDuration + 1 },
		"no pool life":             func(p *types.Params) { p.MaxPoolLife = 0 },
		"no expirations":           func(p *types.Params) { p.MaxExpirationsPerBlock = 0 },
		"slash above the price":    func(p *types.Params) { p.SlashFractionBp = types.BasisPoints + 1 },
		"price of a byte":          func(p *types.Params) { p.DepositPerByte = types.MaxCost + 1 },
		"cost of a verdict":        func(p *types.Params) { p.VerdictCost = types.MaxCost + 1 },
		"cost of a complaint":      func(p *types.Params) { p.SegmentComplaintCost = types.MaxCost + 1 },
		"cost of a box complaint":  func(p *types.Params) { p.BoxComplaintCost = types.MaxCost + 1 },
		"compensation":             func(p *types.Params) { p.CompensationBase = types.MaxCost + 1 },
		"compensation of a MiB":    func(p *types.Params) { p.CompensationPerMib = types.MaxCost + 1 },
		"notice before":            func(p *types.Params) { p.BondNotice = -1 },
		"long notice":              func(p *types.Params) { p.BondNotice = types.MaxDuration + 1 },
		"no offers":                func(p *types.Params) { p.MaxOffersPerSlot = 0 },
		"no offers of a newcomer":  func(p *types.Params) { p.MaxOffersAhead = 0 },
		"unbonding below zero":     func(p *types.Params) { p.UnbondingTime = -1 },
		"unbonding too long":       func(p *types.Params) { p.UnbondingTime = types.MaxDuration + 1 },
		"jail below zero":          func(p *types.Params) { p.JailTime = -1 },
		"jail too long":            func(p *types.Params) { p.JailTime = types.MaxDuration + 1 },
		"no wait for a draw":       func(p *types.Params) { p.DrawWait = 0 },
		"long wait for a draw":     func(p *types.Params) { p.DrawWait = types.MaxDuration + 1 },
		"no duties":                func(p *types.Params) { p.DutyWindow = 0 },
		"too many duties":          func(p *types.Params) { p.DutyWindow = types.MaxDutyWindow + 1 },
		"more missed than duties":  func(p *types.Params) { p.JailMissedCount = p.DutyWindow + 1 },
		"missed more than all":     func(p *types.Params) { p.JailMissedBp = types.BasisPoints + 1 },
		"too many expirations":     func(p *types.Params) { p.MaxExpirationsPerBlock = types.MaxExpirationsPerBlock + 1 },
	} {
		t.Run(name, func(t *testing.T) {
			p := types.DefaultParams()
			change(&p)
			require.ErrorIs(t, p.Validate(), types.ErrParams)
		})
	}
}

func TestStretch(t *testing.T) {
	p := types.DefaultParams()
	base := p.DefaultDeadlines
	for size, want := range map[uint64]types.Deadlines{
		16:                   {Certify: base.Certify, Ack: base.Ack + time.Second, Key: base.Key, Dispute: base.Dispute + time.Second},
		1 << 30:              {Certify: base.Certify, Ack: base.Ack + 1024*time.Second, Key: base.Key, Dispute: base.Dispute + 103*time.Second},
		types.MaxDatasetSize: {Certify: base.Certify, Ack: 14 * 24 * time.Hour, Key: base.Key, Dispute: base.Dispute + 1_677_722*time.Second},
	} {
		require.Equal(t, want, p.Stretch(base, size), "size %d", size)
	}
}

// TestDeadlinesNeverWrapRound takes the parameters that stretch the most.
func TestDeadlinesNeverWrapRound(t *testing.T) {
	p := types.DefaultParams()
	p.DisputeBytesPerSecond, p.AckBytesPerSecond, p.BlockTime = types.MinBytesPerSecond, types.MinBytesPerSecond, types.MinBlockTime
	p.MaxDeadlines.Dispute = types.MaxDuration
	require.NoError(t, p.Validate())
	d := p.Stretch(p.MaxDeadlines, types.MaxDatasetSize)
	require.Greater(t, d.Dispute, types.MaxDuration)
	require.Equal(t, int64(d.Dispute/time.Millisecond), types.Blocks(d.Dispute, p.BlockTime))
}

func TestBlocksRoundsUp(t *testing.T) {
	require.Zero(t, types.Blocks(0, time.Second))
	require.Zero(t, types.Blocks(-time.Hour, time.Second))
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Min(1).Draw(t, "duration"))
		block := time.Duration(rapid.Int64Range(int64(types.MinBlockTime), int64(time.Hour)).Draw(t, "block"))
		n := types.Blocks(d, block)
		require.Greater(t, n, int64(0))
		require.Less(t, time.Duration(n-1)*block, d, "one block less would be too short")
		if n < int64(1<<62)/int64(block) {
			require.GreaterOrEqual(t, time.Duration(n)*block, d)
		}
	})
}
