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

// hasStake reports whether a validator's bond would cover the stake of another accept, and
// is not below the least one.
func (k Keeper) hasStake(ctx sdk.Context, v types.Validator, deal types.Deal, least math.Int) (bool, error) {
	if v.Bond.LT(least) {
		return false, nil
	}
	err := k.checkStake(ctx, v, deal)
	return err == nil, ignore(err, types.ErrStake)
}

// ignore returns nil for an error that is an answer.
func ignore(err, answer error) error {
	if errors.Is(err, answer) {
		return nil
	}
	return err
}

// checkStake refuses an accept for which a validator has no bond left: the sum of its stakes
// in deals that have not ended would exceed it.
func (k Keeper) checkStake(ctx context.Context, v types.Validator, deal types.Deal) error {
	staked, err := k.staked(ctx, v.Address)
	if err != nil {
		return err
	}
	if left := v.Bond.Sub(math.NewIntFromUint64(staked)); left.LT(math.NewIntFromUint64(deal.Stake.Amount)) {
		return errorsmod.Wrapf(types.ErrStake, "%s of %s are left, deal %d takes %d", left, v.Bond, deal.Id, deal.Stake.Amount)
	}
	return nil
}

// staked returns the sum of a validator's stakes in deals that have not ended.
func (k Keeper) staked(ctx context.Context, validator string) (uint64, error) {
	staked, err := k.stakes.Get(ctx, validator)
	return staked, ignore(err, collections.ErrNotFound)
}

func (k Keeper) setStaked(ctx context.Context, validator string, staked uint64) error {
	if staked == 0 {
		return k.stakes.Remove(ctx, validator)
	}
	return k.stakes.Set(ctx, validator, staked)
}
