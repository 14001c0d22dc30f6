package client

import (
	"context"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
)

// Stake returns what each accept of a deal of this price, of which k are required, takes of
// its validator's bond.
func (l *Ledger) Stake(ctx context.Context, price pdx.Amount, k uint32) (pdx.Amount, error) {
	params, err := l.Params(ctx)
	if err != nil {
		return 0, err
	}
	return pdx.Amount(params.NewStake(math.NewIntFromUint64(uint64(price)), max(1, k), 0).Amount), nil
}
