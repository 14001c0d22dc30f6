package keeper

import (
	"context"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/bao"
)

// Answer shows the chunks that a challenge asks for, which ends it. One answer is enough,
// whoever of those who promised gives it: the buyer relies on any of them.
func (s msgServer) Answer(c context.Context, msg *types.MsgAnswer) (*types.MsgAnswerResponse, error) {
	ctx := sdk.UnwrapSDKContext(c)
	if err := msg.ValidateBasic(); err != nil {
		return nil, err
	}
	if err := s.accountsOf(msg.Validator); err != nil {
		return nil, err
	}
	deal, err := s.answerable(ctx, msg)
	if err != nil {
		return nil, err
	}
	if err := judgeAnswer(deal, msg.Slices, ctx.GasMeter().ConsumeGas); err != nil {
		return nil, err
	}
	if err := s.endChallenge(ctx, &deal, types.CHALLENGE_STATE_ANSWERED, msg.Validator); err != nil {
		return nil, err
	}
	fee := math.NewIntFromUint64(deal.Challenge.Fee)
	if err := s.credit(ctx, msg.Validator, fee, deal.Id); err != nil {
		return nil, err
	}
	if err := s.watchDeal(ctx, &deal, deal.WatchHeight()); err != nil {
		return nil, err
	}
	return &types.MsgAnswerResponse{Credited: sdk.NewCoin(deal.Denom, fee)}, s.deals.Set(ctx, deal.Id, deal)
}

// answerable returns the deal if its open challenge may be answered so.
func (s msgServer) answerable(ctx sdk.Context, msg *types.MsgAnswer) (types.Deal, error) {
	deal, err := s.deal(ctx, msg.DealId)
	if err != nil {
		return deal, err
	}
	challenge := deal.Challenge
	switch {
	case deal.State != types.DEAL_STATE_CERTIFIED:
		return deal, errorsmod.Wrapf(types.ErrDealState, "deal %d is %s", deal.Id, deal.State)
	case !deal.Promised(msg.Validator):
		return deal, errorsmod.Wrapf(types.ErrNotPromised, "%s in deal %d", msg.Validator, deal.Id)
	case !deal.Challenged():
		return deal, errorsmod.Wrapf(types.ErrNoChallenge, "deal %d", deal.Id)
	case challenge.Number != msg.Challenge:
		return deal, errorsmod.Wrapf(types.ErrOtherChallenge, "%d is open, not %d", challenge.Number, msg.Challenge)
	case passed(ctx, challenge.DeadlineHeight, challenge.DeadlineTime):
		return deal, errorsmod.Wrapf(types.ErrLate, "deal %d was to be shown by %s", deal.Id, challenge.DeadlineTime)
	case len(msg.Slices) != len(challenge.Chunks):
		return deal, errorsmod.Wrapf(types.ErrAnswer, "%d slices for %d chunks", len(msg.Slices), len(challenge.Chunks))
	}
	return deal, nil
}

// judgeAnswer returns nil only if the slices are the challenged chunks of the certified
// ciphertext.
func judgeAnswer(deal types.Deal, slices [][]byte, consume consumer) error {
	size := 0
	for _, slice := range slices {
		size += len(slice)
	}
	consume(types.SliceGas(size), "slices of an answer")
	for i, chunk := range deal.Challenge.Chunks {
		if _, err := bao.VerifyChunk(slices[i], pdx.ContentID(deal.Dataset.Root), deal.Dataset.Size_, chunk); err != nil {
			return errorsmod.Wrap(types.ErrAnswerSlice, err.Error())
		}
	}
	return nil
}
