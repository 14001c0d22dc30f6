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
	if err := s.moveIn(ctx, account, msg.Bond.Denom, msg.Bond.Amount); err != nil {
		return nil, err
	}
	err = s.validators.Set(ctx, msg.Validator, types.Validator{
		Address:               msg.Validator,
		Bond:                  msg.Bond.Amount,
		CommissionBp:          msg.CommissionBp,
		MaxCommissionBp:       msg.MaxCommissionBp,
		MaxCommissionChangeBp: msg.MaxCommissionChangeBp,
		PeerId:                msg.PeerId,
		Addresses:             msg.Addresses,
		Moniker:               msg.Moniker,
		Status:                types.VALIDATOR_STATUS_BONDED,
		RegisteredHeight:      ctx.BlockHeight(),
	})
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterValidatorResponse{}, ctx.EventManager().EmitTypedEvent(
		&types.EventValidatorRegistered{Validator: msg.Validator, Bond: msg.Bond.Amount.String()})
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
	return s.unregistered(ctx, msg.Validator)
}

// unregistered refuses an address that has a validator, unless it left and took
// its bond with it, or may: it begins anew.
func (s msgServer) unregistered(ctx sdk.Context, address string) error {
	if err := s.releaseBond(ctx, address); err != nil {
		return err
	}
	v, err := s.validators.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err == nil && v.Status != types.VALIDATOR_STATUS_UNBONDED {
		err = errorsmod.Wrapf(types.ErrValidatorExists, "%s is %s", address, v.Status)
	}
	return err
}
