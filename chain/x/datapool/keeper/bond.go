package keeper

import (
	"context"
	"errors"
	"time"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// serving reads a validator that is bonded or jailed.
func (k Keeper) serving(ctx context.Context, address string) (types.Validator, error) {
	v, err := k.validator(ctx, address)
	if err != nil {
		return v, err
	}
	if v.Status != types.VALIDATOR_STATUS_BONDED && v.Status != types.VALIDATOR_STATUS_JAILED {
		return v, errorsmod.Wrapf(types.ErrUnbonding, "%s is %s", address, v.Status)
	}
	return v, nil
}

// setStatus writes a validator in a new status.
func (k Keeper) setStatus(ctx sdk.Context, v types.Validator, status types.ValidatorStatus) error {
	v.Status = status
	if err := k.validators.Set(ctx, v.Address, v); err != nil {
		return err
	}
	return emit(ctx, &types.EventValidatorStatus{Validator: v.Address, Status: status})
}

// jail stops a validator from certifying and writes it. The status of one that has left
// stays, because it cannot certify anyway; if it comes back before its time is over, it is
// jailed then.
func (k Keeper) jail(ctx sdk.Context, v types.Validator, jailTime time.Duration) error {
	if until := ctx.BlockTime().Add(jailTime); until.After(v.JailedUntil) {
		v.JailedUntil = until
	}
	if v.Status != types.VALIDATOR_STATUS_BONDED && v.Status != types.VALIDATOR_STATUS_JAILED {
		return k.validators.Set(ctx, v.Address, v)
	}
	return k.setStatus(ctx, v, types.VALIDATOR_STATUS_JAILED)
}

// slash takes the stake of a validator that accepted a dataset that does not open, and jails
// it. The bond covers it, because no stake is taken that it does not cover; if the state were
// damaged, what is left of a bond, or no bond at all, must not stop a conviction.
func (k Keeper) slash(ctx sdk.Context, address string, deal types.Deal) (math.Int, error) {
	v, err := k.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return math.ZeroInt(), nil
	}
	if err != nil {
		return math.ZeroInt(), err
	}
	amount := math.MinInt(v.Bond, math.NewIntFromUint64(deal.Stake.Amount))
	v.Bond = v.Bond.Sub(amount)
	err = emit(ctx, &types.EventSlashed{
		Validator: address, DealId: deal.Id, Amount: amount.String(), Bond: v.Bond.String(),
	})
	if err != nil {
		return amount, err
	}
	return amount, k.jail(ctx, v, deal.Stake.JailTime)
}

// bondIsFree reports whether a validator's bond may be withdrawn: the unbonding time has
// passed, and it has no stake left in a deal that can still be convicted.
func (k Keeper) bondIsFree(ctx sdk.Context, v types.Validator) (bool, error) {
	if v.Status != types.VALIDATOR_STATUS_UNBONDING || ctx.BlockTime().Before(v.UnbondingTime) {
		return false, nil
	}
	staked, err := k.staked(ctx, v.Address)
	return staked == 0, err
}

// releaseBond credits the bond of a validator that left, if it is free, and keeps of it only
// what binds it if it comes back. It runs when the owner withdraws, so that no queue and no
// work in a block is needed.
func (k Keeper) releaseBond(ctx sdk.Context, address string) error {
	v, err := k.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if free, err := k.bondIsFree(ctx, v); err != nil || !free {
		return err
	}
	bond := v.Bond
	v.Bond, v.UnbondingTime = math.ZeroInt(), time.Time{}
	v.PeerId, v.Addresses, v.Moniker, v.RecipientKey = "", nil, "", nil
	if err := k.setStatus(ctx, v, types.VALIDATOR_STATUS_UNBONDED); err != nil {
		return err
	}
	return k.credit(ctx, address, bond, 0)
}

// withdrawable returns what MsgWithdraw would pay now.
func (k Keeper) withdrawable(ctx sdk.Context, address string) (math.Int, error) {
	amount, err := k.balance(ctx, address)
	if err != nil {
		return amount, err
	}
	v, err := k.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return amount, nil
	}
	if err != nil {
		return amount, err
	}
	if free, err := k.bondIsFree(ctx, v); err != nil || !free {
		return amount, err
	}
	return amount.Add(v.Bond), nil
}
