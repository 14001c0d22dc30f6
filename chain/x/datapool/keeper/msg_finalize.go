package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Finalize makes the money of a delivered deal withdrawable after its dispute
// period. Anybody may send it; the end blocker does the same.
func (s msgServer) Finalize(c context.Context, msg *types.MsgFinalize) (*types.MsgFinalizeResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Sender); err != nil {
		return nil, err
	}
	deal, err := s.dealIn(ctx, msg.DealId, types.DEAL_STATE_DELIVERED)
	if err != nil {
		return nil, err
	}
	if !late(ctx, deal) {
		return nil, notYet(deal)
	}
	return &types.MsgFinalizeResponse{}, s.finalize(ctx, &deal)
}

func notYet(deal types.Deal) error {
	return errorsmod.Wrapf(types.ErrNotYet, "deal %d waits until after height %d and %s", deal.Id, deal.DeadlineHeight, deal.DeadlineTime)
}
