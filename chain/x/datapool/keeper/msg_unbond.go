package keeper

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Unbond ends a validator's service at once; its bond stays in.
func (s msgServer) Unbond(c context.Context, msg *types.MsgUnbond) (*types.MsgUnbondResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Validator); err != nil {
		return nil, err
	}
	v, err := s.serving(ctx, msg.Validator)
	if err != nil {
		return nil, err
	}
	params, err := s.params.Get(ctx)
	if err != nil {
		return nil, err
	}
	v.UnbondingTime = ctx.BlockTime().Add(params.UnbondingTime)
	return &types.MsgUnbondResponse{UnbondingTime: v.UnbondingTime}, s.setStatus(ctx, v, types.VALIDATOR_STATUS_UNBONDING)
}
