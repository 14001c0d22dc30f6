package datapooltest

import (
	"time"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// BlockTime is the block time of Params and the time between two blocks of a Chain.
const BlockTime = time.Second

// Params returns the default parameters with deadlines, jail time and unbonding time of a
// few blocks.
func Params() types.Params {
	p := types.DefaultParams()
	p.BlockTime = BlockTime
	p.DefaultDeadlines = types.Deadlines{Certify: 10 * BlockTime, Ack: 10 * BlockTime, Key: 20 * BlockTime, Dispute: 10 * BlockTime}
	p.MinDeadlines = types.Deadlines{Certify: BlockTime, Ack: BlockTime, Key: BlockTime, Dispute: BlockTime}
	p.DrawWait = 10 * BlockTime
	p.JailTime, p.UnbondingTime = 5*BlockTime, 50*BlockTime
	return p
}
