package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// AddBond raises a validator's bond, which is necessary to unjail a validator whose bond was
// slashed below the minimum.
func (s msgServer) AddBond(c context.Context, msg *types.MsgAddBond) (*types.MsgAddBondResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	account, err := s.account(msg.Validator)
	if err != nil {
		return nil, err
	}
	params, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.CheckCoin("amount", msg.Amount); err != nil {
		return nil, err
	}
	v, err := s.serving(ctx, msg.Validator)
	if err != nil {
		return nil, err
	}
	v.Bond = v.Bond.Add(msg.Amount.Amount)
	if !v.Bond.IsUint64() {
		return nil, errorsmod.Wrapf(types.ErrAmount, "a bond of %s", v.Bond)
	}
	if err := s.moveIn(ctx, account, msg.Amount.Denom, msg.Amount.Amount); err != nil {
		return nil, err
	}
	if err := s.validators.Set(ctx, v.Address, v); err != nil {
		return nil, err
	}
	return &types.MsgAddBondResponse{}, emit(
		ctx,
		&types.EventBondAdded{Validator: v.Address, Amount: msg.Amount.Amount.String(), Bond: v.Bond.String()},
	)
}
