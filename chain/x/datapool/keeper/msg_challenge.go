package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// Challenge asks the validators on whose promises a deal would be acknowledged by default to
// show some of its ciphertext.
func (s msgServer) Challenge(c context.Context, msg *types.MsgChallenge) (*types.MsgChallengeResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	buyer, err := s.account(msg.Buyer)
	if err != nil {
		return nil, err
	}
	deal, err := s.challengeable(ctx, msg)
	if err != nil {
		return nil, err
	}
	fee := deal.ChallengeTerms.Fee(deal.Dataset.Size_, len(msg.Chunks))
	if fee > 0 {
		if err := s.moveIn(ctx, buyer, deal.Denom, math.NewIntFromUint64(fee)); err != nil {
			return nil, err
		}
	}
	if err := s.openChallenge(ctx, &deal, msg.Chunks, fee); err != nil {
		return nil, err
	}
	challenge := deal.Challenge
	return &types.MsgChallengeResponse{
		Number: challenge.Number, DeadlineHeight: challenge.DeadlineHeight, DeadlineTime: challenge.DeadlineTime,
	}, nil
}

// challengeable returns the deal if its buyer may challenge it so.
func (s msgServer) challengeable(ctx sdk.Context, msg *types.MsgChallenge) (types.Deal, error) {
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return deal, err
	}
	switch {
	case deal.Buyer != msg.Buyer:
		return deal, errorsmod.Wrapf(types.ErrNotBuyer, "of deal %d", deal.Id)
	case deal.State != types.DEAL_STATE_CERTIFIED:
		return deal, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	case deal.AckMode != types.ACK_MODE_QUORUM:
		return deal, errorsmod.Wrapf(types.ErrChallengeMode, "deal %d", deal.Id)
	case deal.Challenged():
		return deal, errorsmod.Wrapf(types.ErrChallenged, "deal %d, until %s", deal.Id, deal.Challenge.DeadlineTime)
	case deal.Challenges() >= deal.ChallengeTerms.MaxChallenges:
		return deal, errorsmod.Wrapf(types.ErrChallengeCount, "deal %d, %d times", deal.Id, deal.Challenges())
	case late(ctx, deal):
		return deal, errorsmod.Wrapf(types.ErrLate, "deal %d was to be challenged by %s", deal.Id, deal.DeadlineTime)
	}
	if err := deal.CheckChunks(msg.Chunks); err != nil {
		return deal, err
	}
	return deal, checkFacts(ctx, deal, msg.FactsHash)
}
