package datapooltest

import (
	"time"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// BlockTime is that of Params.
const BlockTime = time.Second

// Params returns the defaults with deadlines and other times of a few blocks.
func Params() types.Params {
	p := types.DefaultParams()
	p.BlockTime = BlockTime
	p.DefaultDeadlines = types.Deadlines{Certify: 10 * BlockTime, Ack: 10 * BlockTime, Key: 20 * BlockTime, Dispute: 10 * BlockTime}
	p.MinDeadlines = types.Deadlines{Certify: BlockTime, Ack: BlockTime, Key: BlockTime, Dispute: BlockTime}
	p.JailTime, p.UnbondingTime = 5*BlockTime, 50*BlockTime
	return p
}
