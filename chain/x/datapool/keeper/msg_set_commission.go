package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// SetCommission changes what a validator takes from deals that are offered from
// now on; those that exist have theirs in a snapshot.
func (s msgServer) SetCommission(c context.Context, msg *types.MsgSetCommission) (*types.MsgSetCommissionResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Validator); err != nil {
		return nil, err
	}
	v, err := s.serving(ctx, msg.Validator)
	if err != nil {
		return nil, err
	}
	if msg.CommissionBp > v.MaxCommissionBp {
		return nil, errorsmod.Wrapf(types.ErrCommission, "%d is above the maximum of %d", msg.CommissionBp, v.MaxCommissionBp)
	}
	if err := checkCommissionChange(ctx, v, msg.CommissionBp); err != nil {
		return nil, err
	}
	v.CommissionBp, v.CommissionTime = msg.CommissionBp, ctx.BlockTime()
	if err := s.validators.Set(ctx, v.Address, v); err != nil {
		return nil, err
	}
	return &types.MsgSetCommissionResponse{}, emit(ctx, &types.EventCommission{Validator: v.Address, CommissionBp: v.CommissionBp})
}

// checkCommissionChange holds a new commission against what the validator allowed itself.
func checkCommissionChange(ctx sdk.Context, v types.Validator, commission uint32) error {
	if change := max(commission, v.CommissionBp) - min(commission, v.CommissionBp); change > v.MaxCommissionChangeBp {
		return errorsmod.Wrapf(types.ErrCommissionChange, "by %d, at most by %d", change, v.MaxCommissionChangeBp)
	}
	if next := v.CommissionTime.Add(types.CommissionPeriod); !v.CommissionTime.IsZero() && ctx.BlockTime().Before(next) {
		return errorsmod.Wrapf(types.ErrCommissionTooSoon, "not before %s", next)
	}
	return nil
}
