package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// pool reads a pool, or ErrPoolNotFound.
func (k Keeper) pool(ctx context.Context, id uint64) (types.Pool, error) {
	pool, err := k.pools.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return pool, errorsmod.Wrapf(types.ErrPoolNotFound, "pool %d", id)
	}
	return pool, err
}

// deal reads a deal, or ErrDealNotFound.
func (k Keeper) deal(ctx context.Context, id uint64) (types.Deal, error) {
	deal, err := k.deals.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return deal, errorsmod.Wrapf(types.ErrDealNotFound, "deal %d", id)
	}
	return deal, err
}

// dealIn reads a deal that must be in state.
func (k Keeper) dealIn(ctx context.Context, id uint64, state types.DealState) (types.Deal, error) {
	deal, err := k.deal(ctx, id)
	if err != nil {
		return deal, err
	}
	if deal.State != state {
		return deal, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s, not %s", id, deal.State, state)
	}
	return deal, nil
}

// validator reads a validator, or ErrValidatorNotFound.
func (k Keeper) validator(ctx context.Context, address string) (types.Validator, error) {
	v, err := k.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return v, errorsmod.Wrap(types.ErrValidatorNotFound, address)
	}
	return v, err
}

// bonded reads a validator that may certify: it is bonded, with the least bond or more.
func (k Keeper) bonded(ctx sdk.Context, address string, least math.Int) (types.Validator, error) {
	v, err := k.validator(ctx, address)
	if err != nil {
		return v, err
	}
	if v.Status != types.VALIDATOR_STATUS_BONDED {
		return v, errorsmod.Wrap(types.ErrValidatorStatus, address)
	}
	return v, checkLeastBond(v, least)
}

// takeNumber returns the next number of a series and moves the series on.
func takeNumber(ctx context.Context, series collections.Item[uint64]) (uint64, error) {
	n, err := series.Get(ctx)
	if err != nil {
		return 0, err
	}
	return n, series.Set(ctx, n+1)
}
