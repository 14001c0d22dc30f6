package keeper

import (
	"context"

	"cosmossdk.io/collections"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// validatorDeal is a pair of a validator and one of its deals.
type validatorDeal = collections.Pair[string, uint64]

var validatorDealCodec = collections.PairKeyCodec(collections.StringKey, collections.Uint64Key)

// list adds a deal to the index of every validator that may certify it, in which it is
// until it ends: what a validator has to do is found without what it once did.
func (k Keeper) list(ctx context.Context, deal types.Deal) error {
	for _, v := range deal.Validators {
		if err := k.dealsByValidator.Set(ctx, collections.Join(v.Address, deal.Id)); err != nil {
			return err
		}
	}
	return nil
}

// unlist removes a deal that ends from the index of its validators.
func (k Keeper) unlist(ctx context.Context, deal types.Deal) error {
	for _, v := range deal.Validators {
		if err := k.dealsByValidator.Remove(ctx, collections.Join(v.Address, deal.Id)); err != nil {
			return err
		}
	}
	return nil
}

// bind makes a validator that accepted a deal liable for it with the deal's stake until the
// deal ends.
func (k Keeper) bind(ctx context.Context, validator string, deal types.Deal) error {
	totals, err := k.totalsOf(ctx, validator)
	if err != nil {
		return err
	}
	totals.Staked += deal.Stake.Amount
	return k.setTotals(ctx, validator, totals)
}

// unbind ends the liabilities of a deal that has ended and can no longer be convicted.
func (k Keeper) unbind(ctx context.Context, deal types.Deal) error {
	for _, c := range deal.Accepted() {
		totals, err := k.totalsOf(ctx, c.Validator)
		if err != nil {
			return err
		}
		totals.Staked -= min(totals.Staked, deal.Stake.Amount)
		if err := k.setTotals(ctx, c.Validator, totals); err != nil {
			return err
		}
	}
	return nil
}
