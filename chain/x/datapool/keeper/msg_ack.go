package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Ack acknowledges the ciphertexts of several deals: all of them or, after the first error,
// none.
func (s msgServer) Ack(c context.Context, msg *types.MsgAck) (*types.MsgAckResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Buyer); err != nil {
		return nil, err
	}
	for i, id := range msg.DealIds {
		if err := s.ack(ctx, msg.Buyer, id, msg.FactsHashes[i]); err != nil {
			return nil, err
		}
	}
	return &types.MsgAckResponse{}, nil
}

func (s msgServer) ack(ctx sdk.Context, buyer string, id uint64, facts []byte) error {
	deal, err := s.deal(ctx, id)
	if err != nil {
		return err
	}
	if deal.Buyer != buyer {
		return errorsmod.Wrapf(types.ErrNotBuyer, "of deal %d", id)
	}
	if deal.State != types.DEAL_STATE_CERTIFIED {
		return errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", id, deal.State)
	}
	if late(ctx, deal) {
		return errorsmod.Wrapf(types.ErrLate, "deal %d was to be acknowledged by %s", id, deal.DeadlineTime)
	}
	if err := checkFacts(ctx, deal, facts); err != nil {
		return err
	}
	deal.AckHeight = ctx.BlockHeight()
	return s.enterBy(ctx, &deal, types.DEAL_STATE_ACKED, deal.Deadlines.Key, types.ACK_KIND_BUYER)
}
