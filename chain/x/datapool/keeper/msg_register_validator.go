package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// RegisterValidator bonds the signer as a validator.
func (s msgServer) RegisterValidator(c context.Context, msg *types.MsgRegisterValidator) (*types.MsgRegisterValidatorResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	account, err := s.account(msg.Validator)
	if err != nil {
		return nil, err
	}
	if err := s.checkBond(ctx, msg); err != nil {
		return nil, err
	}
	v, err := s.newcomer(ctx, msg)
	if err != nil {
		return nil, err
	}
	if err := s.moveIn(ctx, account, msg.Bond.Denom, msg.Bond.Amount); err != nil {
		return nil, err
	}
	if err := s.validators.Set(ctx, msg.Validator, v); err != nil {
		return nil, err
	}
	return &types.MsgRegisterValidatorResponse{}, emit(
		ctx,
		&types.EventValidatorRegistered{Validator: msg.Validator, Bond: msg.Bond.Amount.String()},
	)
}

// newcomer returns the validator that the message asks for. One that was here before is
// bound by what it promised and by its jail: to leave and come back undoes neither.
func (s msgServer) newcomer(ctx sdk.Context, msg *types.MsgRegisterValidator) (types.Validator, error) {
	v := types.Validator{
		Address:               msg.Validator,
		Bond:                  msg.Bond.Amount,
		CommissionBp:          msg.CommissionBp,
		MaxCommissionBp:       msg.MaxCommissionBp,
		MaxCommissionChangeBp: msg.MaxCommissionChangeBp,
		PeerId:                msg.PeerId,
		Addresses:             msg.Addresses,
		Moniker:               msg.Moniker,
		RecipientKey:          msg.RecipientKey,
		Status:                types.VALIDATOR_STATUS_BONDED,
		RegisteredHeight:      ctx.BlockHeight(),
	}
	before, returns, err := s.unregistered(ctx, msg.Validator)
	if err != nil || !returns {
		return v, err
	}
	if msg.MaxCommissionBp > before.MaxCommissionBp || msg.MaxCommissionChangeBp > before.MaxCommissionChangeBp {
		return v, errorsmod.Wrapf(types.ErrCommission, "%s promised a maximum of %d and a change of %d before it left",
			v.Address, before.MaxCommissionBp, before.MaxCommissionChangeBp)
	}
	if msg.CommissionBp != before.CommissionBp {
		if err := checkCommissionChange(ctx, before, msg.CommissionBp); err != nil {
			return v, err
		}
		before.CommissionTime = ctx.BlockTime()
	}
	v.CommissionTime, v.Duties, v.JailedUntil = before.CommissionTime, before.Duties, before.JailedUntil
	if ctx.BlockTime().Before(v.JailedUntil) {
		v.Status = types.VALIDATOR_STATUS_JAILED
	}
	return v, nil
}

func (s msgServer) checkBond(ctx sdk.Context, msg *types.MsgRegisterValidator) error {
	params, err := s.params.Get(ctx)
	if err != nil {
		return err
	}
	if err := params.CheckCoin("bond", msg.Bond); err != nil {
		return err
	}
	if msg.Bond.Amount.LT(params.MinBond) {
		return errorsmod.Wrapf(types.ErrBond, "%s is given, %s is the least", msg.Bond.Amount, params.MinBond)
	}
	return nil
}

// unregistered refuses an address that has a validator, unless it left and took its bond
// with it, or may. It returns the one that left, and whether there was one.
func (s msgServer) unregistered(ctx sdk.Context, address string) (before types.Validator, returns bool, err error) {
	if err := s.releaseBond(ctx, address); err != nil {
		return before, false, err
	}
	before, err = s.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return before, false, nil
	}
	if err == nil && before.Status != types.VALIDATOR_STATUS_UNBONDED {
		err = errorsmod.Wrapf(types.ErrValidatorExists, "%s is %s", address, before.Status)
	}
	return before, true, err
}
