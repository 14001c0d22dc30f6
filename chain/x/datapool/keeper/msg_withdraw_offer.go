package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// WithdrawOffer ends a deal that nobody has worked on: its draw block is not over, or, where
// none are drawn, none has given a verdict. The deposit comes back and the dataset may
// be offered again, as after any lapse.
func (s msgServer) WithdrawOffer(c context.Context, msg *types.MsgWithdrawOffer) (*types.MsgWithdrawOfferResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Seller); err != nil {
		return nil, err
	}
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return nil, err
	}
	if deal.Seller != msg.Seller {
		return nil, errorsmod.Wrapf(types.ErrNotSeller, "of deal %d", deal.Id)
	}
	if deal.State != types.DEAL_STATE_OFFERED {
		return nil, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	}
	if !deal.Withdrawable(ctx.BlockHeight()) {
		return nil, errorsmod.Wrapf(types.ErrOfferStands, "deal %d", deal.Id)
	}
	return &types.MsgWithdrawOfferResponse{}, s.lapse(ctx, &deal)
}
