package datapooltest

import (
	"time"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// BlockTime is the block time of Params and the time between two blocks of a Chain.
const BlockTime = time.Second

// Params returns the default parameters with deadlines, jail time and unbonding time of a
// few blocks. Verdicts and the bytes of an offer cost nothing, so that pools of any price can
// draw and every deposit is the same, and one seller may offer a lot. Economy has the
// default amounts.
func Params() types.Params {
	p := types.DefaultParams()
	p.BlockTime = BlockTime
	p.DefaultDeadlines = types.Deadlines{Certify: 10 * BlockTime, Ack: 10 * BlockTime, Key: 20 * BlockTime, Dispute: 10 * BlockTime}
	p.MinDeadlines = types.Deadlines{Certify: BlockTime, Ack: BlockTime, Key: BlockTime, Dispute: BlockTime}
	p.DrawWait = 10 * BlockTime
	p.ChallengeTime = 12 * BlockTime
	p.JailTime, p.UnbondingTime = 5*BlockTime, 50*BlockTime
	p.VerdictCost, p.DrawnVerdictCost, p.OfferCost = 0, 0, 0
	p.DepositPerByte, p.MaxOffersPerSlot, p.MaxOffersAhead = 0, 1_000_000, 1_000_000
	return p
}

// Economy returns Params with the amounts of money and the limits of offers as they are by
// default.
func Economy() types.Params {
	p, standard := Params(), types.DefaultParams()
	p.VerdictCost, p.DrawnVerdictCost, p.OfferCost = standard.VerdictCost, standard.DrawnVerdictCost, standard.OfferCost
	p.DepositPerByte = standard.DepositPerByte
	p.MaxOffersPerSlot, p.MaxOffersAhead = standard.MaxOffersPerSlot, standard.MaxOffersAhead
	return p
}
