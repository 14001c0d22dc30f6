package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Expire ends a deal whose deadline has passed. Anybody may send it; the end
// blocker does the same.
func (s msgServer) Expire(c context.Context, msg *types.MsgExpire) (*types.MsgExpireResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Sender); err != nil {
		return nil, err
	}
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return nil, err
	}
	if deal.State.Ended() || deal.State == types.DEAL_STATE_DELIVERED {
		return nil, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	}
	if deal.Undrawn() { // MsgDraw ends this wait
		return nil, errorsmod.Wrapf(types.ErrNotDrawn, "deal %d", deal.Id)
	}
	if deal.Challenged() {
		err = s.breakLate(ctx, &deal)
		return &types.MsgExpireResponse{State: deal.State}, err
	}
	if !late(ctx, deal) {
		return nil, notYet(deal)
	}
	if deal.AckedByDefault() {
		return nil, errorsmod.Wrapf(types.ErrPromised, "deal %d", deal.Id)
	}
	if err := s.expire(ctx, &deal); err != nil {
		return nil, err
	}
	return &types.MsgExpireResponse{State: deal.State}, nil
}
