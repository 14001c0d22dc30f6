package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// UpdateParams replaces the parameters. The denomination stays: all books are
// kept in it.
func (s msgServer) UpdateParams(c context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if msg.Authority != s.authority {
		return nil, errorsmod.Wrapf(types.ErrAuthority, "%s, not %s", msg.Authority, s.authority)
	}
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	old, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if msg.Params.Denom != old.Denom {
		return nil, errorsmod.Wrapf(types.ErrDenomSet, "from %s to %s", old.Denom, msg.Params.Denom)
	}
	if err := s.giveNotice(ctx, old, msg.Params); err != nil {
		return nil, err
	}
	if err := s.params.Set(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, emit(sdk.UnwrapSDKContext(ctx), &types.EventParamsUpdated{Authority: msg.Authority})
}
