package simulation

import (
	"math/rand"
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// GenerateGenesisState begins without pools, under random parameters.
func (m Module) GenerateGenesisState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	genesis.Params = randomParams(state.Rand)
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

// randomParams are valid. The framework's blocks are one to three hours apart,
// so deadlines are a few blocks.
func randomParams(r *rand.Rand) types.Params {
	hours := func(most int) time.Duration { return time.Duration(1+r.Intn(most)) * time.Hour }
	p := types.DefaultParams()
	p.BlockTime = time.Hour
	p.MinBond = math.NewInt(1 + r.Int63n(1_000_000))
	p.OfferDeposit = math.NewInt(1 + r.Int63n(1_000))
	p.MinDeadlines = types.Deadlines{Certify: time.Hour, Ack: time.Hour, Key: time.Hour, Dispute: time.Hour}
	p.DefaultDeadlines = types.Deadlines{Certify: hours(30), Ack: hours(20), Key: hours(40), Dispute: hours(20)}
	// A queue that is behind leaves something to those who may end things by message.
	p.MaxExpirationsPerBlock = 1 + uint32(r.Intn(2))
	p.SlashFractionBp = uint32(r.Intn(types.BasisPoints + 1))
	p.DepositPerByte, p.VerdictCost = uint64(r.Intn(10)), uint64(r.Intn(300))
	p.DrawnVerdictCost, p.OfferCost = p.VerdictCost+uint64(r.Intn(50)), uint64(r.Intn(300))
	// A bond covers a few stakes, and sometimes none.
	p.SegmentComplaintCost, p.BoxComplaintCost = uint64(r.Int63n(1+p.MinBond.Int64()/8)), uint64(r.Intn(100))
	p.CompensationBase, p.CompensationPerMib = uint64(r.Intn(2_000)), uint64(r.Intn(2_000))
	p.BondNotice = hours(20)
	p.MaxOffersPerSlot, p.MaxOffersAhead = 1+uint32(r.Intn(4)), 1+uint32(r.Intn(4))
	p.UnbondingTime, p.JailTime = hours(100), hours(20)
	p.DrawWait = hours(10)
	p.MaxChallenges, p.MaxChallengeChunks, p.ChallengeTime = uint32(r.Intn(3)), 1+uint32(r.Intn(4)), hours(20)
	p.AnswerCost, p.AnswerCostPerByte, p.ChallengeCost = uint64(r.Intn(1_000)), uint64(r.Intn(10)), uint64(r.Intn(100))
	p.DutyWindow = 1 + uint32(r.Intn(8))
	p.JailMissedCount = uint32(r.Intn(min(4, int(p.DutyWindow)+1)))
	p.JailMissedBp = uint32(r.Intn(types.BasisPoints + 1))
	return p
}
