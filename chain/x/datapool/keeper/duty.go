package keeper

import (
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// blameMissing counts a missed duty of every validator that was drawn for a deal and gave no
// verdict in time. Nobody is blamed if there was a time since the draw at which the pool was
// full or closed: the chain would have refused an accept.
func (k Keeper) blameMissing(ctx sdk.Context, deal types.Deal) error {
	if deal.Draw == nil {
		return nil
	}
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil || excused(ctx, deal, pool) {
		return err
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	for _, drawn := range deal.Validators {
		if slices.ContainsFunc(deal.Certificates, func(c types.Certificate) bool { return c.Validator == drawn.Address }) {
			continue
		}
		if err := k.missDuty(ctx, drawn, deal, params); err != nil {
			return err
		}
	}
	return nil
}

// missDuty counts a missed duty, and jails a validator that misses too large a part of
// what it owes; its duties then count anew.
func (k Keeper) missDuty(ctx sdk.Context, drawn types.AcceptedValidator, deal types.Deal, params types.Params) error {
	v, err := k.validators.Get(ctx, drawn.Address)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil || v.Status != types.VALIDATOR_STATUS_BONDED {
		return err // a validator that may not certify has no duty
	}
	least, err := k.leastBond(ctx)
	if err != nil {
		return err
	}
	if has, err := k.hasStake(ctx, v, deal, least); err != nil || !has {
		return err // its accept would have been refused
	}
	if err := announceMissed(ctx, deal, v.Address); err != nil {
		return err
	}
	v.Duties.Add(deal.DutyWeight(drawn.CommissionBp), true, params.DutyWindow)
	if !params.Jails(v.Duties) {
		return k.validators.Set(ctx, v.Address, v)
	}
	v.Duties = types.Duties{}
	return k.jail(ctx, v, params.JailTime)
}

// doDuty counts an answered duty of a validator that was drawn for the deal.
func (k Keeper) doDuty(ctx sdk.Context, deal types.Deal, v types.Validator, commissionBp uint32) error {
	if deal.Draw == nil {
		return nil
	}
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	v.Duties.Add(deal.DutyWeight(commissionBp), false, params.DutyWindow)
	return k.validators.Set(ctx, v.Address, v)
}
