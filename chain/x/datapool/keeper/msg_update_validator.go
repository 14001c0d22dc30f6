package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// UpdateValidator changes where a validator is found.
func (s msgServer) UpdateValidator(c context.Context, msg *types.MsgUpdateValidator) (*types.MsgUpdateValidatorResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Validator); err != nil {
		return nil, err
	}
	v, err := s.validator(ctx, msg.Validator)
	if err != nil {
		return nil, err
	}
	v.PeerId, v.Addresses, v.Moniker, v.RecipientKey = msg.PeerId, msg.Addresses, msg.Moniker, msg.RecipientKey
	if err := s.validators.Set(ctx, v.Address, v); err != nil {
		return nil, err
	}
	return &types.MsgUpdateValidatorResponse{}, emit(ctx, &types.EventValidatorUpdated{Validator: v.Address})
}
