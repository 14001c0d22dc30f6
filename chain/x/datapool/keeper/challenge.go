package keeper

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// openChallenge begins a challenge whose fee is in the module. The ack deadline moves to the
// end of the challenge if it is earlier, and nothing else changes. It writes the deal.
func (k Keeper) openChallenge(ctx sdk.Context, deal *types.Deal, chunks []uint64, fee uint64) error {
	height, end := deadlineAfter(ctx, deal.ChallengeTerms.Time, deal.BlockTime)
	deal.Challenge = &types.Challenge{
		Number: deal.Challenges() + 1, Chunks: chunks, Fee: fee, Height: ctx.BlockHeight(), Time: ctx.BlockTime(),
		DeadlineHeight: height, DeadlineTime: end, State: types.CHALLENGE_STATE_OPEN,
	}
	deal.DeadlineHeight, deal.DeadlineTime = deal.Challenge.Extend(deal.DeadlineHeight, deal.DeadlineTime)
	if err := k.watchDeal(ctx, deal, height); err != nil {
		return err
	}
	if err := k.listChallenged(ctx, *deal); err != nil {
		return err
	}
	if err := k.deals.Set(ctx, deal.Id, *deal); err != nil {
		return err
	}
	return emit(ctx, &types.EventChallenged{
		PoolId: deal.PoolId, DealId: deal.Id, Number: deal.Challenge.Number,
	})
}

// endChallenge ends an open challenge, by a validator if it was answered. The caller credits
// the fee and writes the deal.
func (k Keeper) endChallenge(ctx sdk.Context, deal *types.Deal, state types.ChallengeState, validator string) error {
	deal.Challenge.State, deal.Challenge.AnsweredBy = state, validator
	for _, c := range deal.Accepted() {
		if err := k.challenged.Remove(ctx, collections.Join(c.Validator, deal.Id)); err != nil {
			return err
		}
	}
	return emit(ctx, &types.EventChallengeEnded{
		PoolId: deal.PoolId, DealId: deal.Id, Number: deal.Challenge.Number, State: state, Validator: validator,
	})
}

// dropChallenge ends the open challenge of a deal that is acknowledged. The fee is the
// community's: the buyer could have it back by an ack in front of each answer, which costs a
// validator its gas, and a validator could earn it by serving only who challenges.
func (k Keeper) dropChallenge(ctx sdk.Context, deal *types.Deal) error {
	if err := k.endChallenge(ctx, deal, types.CHALLENGE_STATE_ACKED, ""); err != nil {
		return err
	}
	return k.credit(ctx, k.authority, math.NewIntFromUint64(deal.Challenge.Fee), deal.Id)
}

// breakPromise ends a deal whose challenge nobody answered: those who promised lose their
// stakes, the buyer has fee and price back, and the seller its deposit.
func (k Keeper) breakPromise(ctx sdk.Context, deal *types.Deal) error {
	if err := k.endChallenge(ctx, deal, types.CHALLENGE_STATE_UNANSWERED, ""); err != nil {
		return err
	}
	fee := math.NewIntFromUint64(deal.Challenge.Fee)
	if _, err := k.punish(ctx, deal, types.Conviction{Kind: types.COMPLAINT_KIND_PROMISE}, fee); err != nil {
		return err
	}
	return k.unack(ctx, deal)
}

// breakLate is breakPromise if the time for an answer is over.
func (k Keeper) breakLate(ctx sdk.Context, deal *types.Deal) error {
	if c := deal.Challenge; !passed(ctx, c.DeadlineHeight, c.DeadlineTime) {
		return notYet(*deal)
	}
	return k.breakPromise(ctx, deal)
}

// listChallenged lists a challenged deal for each validator that can answer.
func (k Keeper) listChallenged(ctx context.Context, deal types.Deal) error {
	for _, c := range deal.Accepted() {
		if err := k.challenged.Set(ctx, collections.Join(c.Validator, deal.Id)); err != nil {
			return err
		}
	}
	return nil
}
