package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// setPool writes a new pool: its record, its terms in one of their own, and its entries in the
// indexes.
func (k Keeper) setPool(ctx context.Context, pool types.Pool) error {
	if len(pool.Terms) > 0 {
		if err := k.poolTerms.Set(ctx, pool.Id, types.PoolTerms{Terms: pool.Terms}); err != nil {
			return err
		}
	}
	if err := k.poolsBy.add(ctx, pool); err != nil {
		return err
	}
	return k.pools.Set(ctx, pool.Id, pool.WithoutTexts())
}

// joinPool puts the texts of its terms into a pool that was read.
func (k Keeper) joinPool(ctx context.Context, pool *types.Pool) error {
	if len(pool.Terms) == 0 {
		return nil
	}
	texts, err := k.poolTerms.Get(ctx, pool.Id)
	pool.Terms = texts.Terms
	return err
}

// setFields writes the disclosed fields of a new deal.
func (k Keeper) setFields(ctx context.Context, deal uint64, fields []string) error {
	return k.dealFields.Set(ctx, deal, types.DealFields{DisclosedFields: fields})
}

// joinDeal puts its disclosed fields into a deal that was read.
func (k Keeper) joinDeal(ctx context.Context, deal *types.Deal) error {
	texts, err := k.dealFields.Get(ctx, deal.Id)
	deal.DisclosedFields = texts.DisclosedFields
	return err
}

// wholePool reads a pool with the texts of its terms, or ErrPoolNotFound.
func (k Keeper) wholePool(ctx context.Context, id uint64) (types.Pool, error) {
	pool, err := k.pool(ctx, id)
	if err != nil {
		return pool, err
	}
	return pool, errorsmod.Wrapf(k.joinPool(ctx, &pool), "terms of pool %d", id)
}

// wholeDeal reads a deal with its disclosed fields, or ErrDealNotFound.
func (k Keeper) wholeDeal(ctx context.Context, id uint64) (types.Deal, error) {
	deal, err := k.deal(ctx, id)
	if err != nil {
		return deal, err
	}
	return deal, errorsmod.Wrapf(k.joinDeal(ctx, &deal), "fields of deal %d", id)
}
