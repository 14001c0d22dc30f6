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
	totals, err := k.totalsOf(ctx, validator)
	return totals.Staked, err
}

// totalsOf returns what is kept of all deals of a validator.
func (k Keeper) totalsOf(ctx context.Context, validator string) (types.Totals, error) {
	totals, err := k.totals.Get(ctx, validator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Totals{Earned: math.ZeroInt()}, nil
	}
	return totals, err
}

func (k Keeper) setTotals(ctx context.Context, validator string, totals types.Totals) error {
	if totals.Staked == 0 && totals.Earned.IsZero() {
		return k.totals.Remove(ctx, validator)
	}
	return k.totals.Set(ctx, validator, totals)
}

// earn credits a validator what a deal brings it, and counts it.
func (k Keeper) earn(ctx sdk.Context, share types.Share, deal uint64) error {
	if share.Amount.IsZero() {
		return nil
	}
	totals, err := k.totalsOf(ctx, share.Address)
	if err != nil {
		return err
	}
	totals.Earned = totals.Earned.Add(share.Amount)
	if err := k.setTotals(ctx, share.Address, totals); err != nil {
		return err
	}
	return k.credit(ctx, share.Address, share.Amount, deal)
}

// exportEarned returns what each validator earned, if it earned something.
func (k Keeper) exportEarned(ctx context.Context) (list []types.Balance, err error) {
	err = k.totals.Walk(ctx, nil, func(validator string, totals types.Totals) (bool, error) {
		if totals.Earned.IsPositive() {
			list = append(list, types.Balance{Address: validator, Amount: totals.Earned})
		}
		return false, nil
	})
	return list, err
}
