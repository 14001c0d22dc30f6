package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// DefaultAck acknowledges a deal in place of its buyer if validators promised to serve the
// ciphertext. Anybody may send it; the end blocker does the same.
func (s msgServer) DefaultAck(c context.Context, msg *types.MsgDefaultAck) (*types.MsgDefaultAckResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := s.accountsOf(msg.Sender); err != nil {
		return nil, err
	}
	deal, err := s.dealIn(ctx, msg.DealId, types.DEAL_STATE_CERTIFIED)
	if err != nil {
		return nil, err
	}
	if deal.AckMode != types.ACK_MODE_QUORUM {
		return nil, errorsmod.Wrapf(types.ErrBuyerAcks, "deal %d", deal.Id)
	}
	if deal.Challenged() {
		return nil, errorsmod.Wrapf(types.ErrChallenged, "deal %d, until %s", deal.Id, deal.Challenge.DeadlineTime)
	}
	if !late(ctx, deal) {
		return nil, notYet(deal)
	}
	return &types.MsgDefaultAckResponse{}, s.ackByDefault(ctx, &deal)
}

// ackByDefault acknowledges a deal, which starts the key deadline.
func (k Keeper) ackByDefault(ctx sdk.Context, deal *types.Deal) error {
	deal.AckHeight = ctx.BlockHeight()
	return k.enterBy(ctx, deal, types.DEAL_STATE_ACKED, deal.Deadlines.Key, types.ACK_KIND_DEFAULT)
}
