package datapooltest

import (
	"time"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// BlockTime is that of Params.
const BlockTime = time.Second

// Params are the defaults with deadlines of a few blocks.
func Params() types.Params {
	p := types.DefaultParams()
	p.BlockTime = BlockTime
	p.DefaultDeadlines = types.Deadlines{Certify: 10 * BlockTime, Ack: 10 * BlockTime, Key: 20 * BlockTime, Dispute: 10 * BlockTime}
	p.MinDeadlines = types.Deadlines{Certify: BlockTime, Ack: BlockTime, Key: BlockTime, Dispute: BlockTime}
	return p
}
