package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// SetConditions replaces the conditions under which pools that are created from now on may
// name the signer. Pools that exist keep it as a validator.
func (s msgServer) SetConditions(c context.Context, msg *types.MsgSetConditions) (*types.MsgSetConditionsResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(append([]string{msg.Validator}, msg.Conditions.Buyers...)...); err != nil {
		return nil, err
	}
	if _, err := s.validator(ctx, msg.Validator); err != nil {
		return nil, err
	}
	if err := s.conditions.Set(ctx, msg.Validator, msg.Conditions); err != nil {
		return nil, err
	}
	return &types.MsgSetConditionsResponse{}, emit(ctx, &types.EventConditions{Validator: msg.Validator})
}

// conditionsOf reads a validator's conditions: the default ones if it stated none.
func (k Keeper) conditionsOf(ctx context.Context, validator string) (types.Conditions, error) {
	c, err := k.conditions.Get(ctx, validator)
	if errors.Is(err, collections.ErrNotFound) {
		return types.DefaultConditions(), nil
	}
	return c, err
}

// checkConditions refuses a pool that does not meet the conditions of each of its validators.
// A pool that does not say how large a dataset may be takes what all of them check.
func (k Keeper) checkConditions(ctx context.Context, pool *types.Pool, validators []types.Validator) error {
	conditions := make([]types.Conditions, len(validators))
	largest := uint64(types.MaxDatasetSize)
	for i, v := range validators {
		c, err := k.conditionsOf(ctx, v.Address)
		if err != nil {
			return err
		}
		conditions[i], largest = c, min(largest, c.MaxDatasetSize)
	}
	if pool.MaxDatasetSize == 0 {
		pool.MaxDatasetSize = largest
	}
	for i, v := range validators {
		if err := conditions[i].Check(*pool, pool.LeastIncome(v.CommissionBp)); err != nil {
			return errorsmod.Wrapf(err, "validator %s", v.Address)
		}
	}
	return nil
}
