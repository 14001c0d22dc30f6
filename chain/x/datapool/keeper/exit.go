package keeper

import (
	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// lapse ends a deal that was not certified: its deposit pays the verdicts that said so, and
// the seller may offer the dataset again.
func (k Keeper) lapse(ctx sdk.Context, deal *types.Deal) error {
	if err := k.free(ctx, *deal); err != nil {
		return err
	}
	if deal.Undrawn() {
		if _, err := k.leaveDraw(ctx, *deal); err != nil {
			return err
		}
	}
	if err := k.settleLapse(ctx, *deal); err != nil {
		return err
	}
	return k.enter(ctx, deal, types.DEAL_STATE_LAPSED, 0)
}

// unack ends a deal that its buyer did not acknowledge: the deposit pays what the accepts
// cost, the buyer pays its half of what the deal cost, and the seller gets the rest and may
// offer the dataset again.
func (k Keeper) unack(ctx sdk.Context, deal *types.Deal) error {
	if err := k.free(ctx, *deal); err != nil {
		return err
	}
	cost := deal.UnackedCost()
	if err := k.unreserve(ctx, *deal, cost); err != nil {
		return err
	}
	rest, err := k.pay(ctx, *deal, deal.UnackedEarned())
	if err != nil {
		return err
	}
	if err := k.credit(ctx, deal.Seller, rest.Add(cost), deal.Id); err != nil {
		return err
	}
	return k.enter(ctx, deal, types.DEAL_STATE_UNACKED, 0)
}

// forfeit ends a deal whose seller did not deliver the key: the deposit pays the validators
// what the price would have, and the buyer, who spent a pull on it, gets the rest.
func (k Keeper) forfeit(ctx sdk.Context, deal *types.Deal) error {
	if err := k.unreserve(ctx, *deal, math.ZeroInt()); err != nil {
		return err
	}
	earned, _ := deal.Earned()
	rest, err := k.pay(ctx, *deal, earned)
	if err != nil {
		return err
	}
	if err := k.credit(ctx, deal.Buyer, rest, deal.Id); err != nil {
		return err
	}
	return k.enter(ctx, deal, types.DEAL_STATE_UNDELIVERED, 0)
}

// finalize pays a delivered deal out: to its seller the share and the deposit at once.
func (k Keeper) finalize(ctx sdk.Context, deal *types.Deal) error {
	back := deal.Deposit
	for _, share := range deal.Shares {
		if share.Address == deal.Seller {
			back = back.Add(share.Amount)
		} else if err := k.earn(ctx, share, deal.Id); err != nil {
			return err
		}
	}
	if err := k.credit(ctx, deal.Seller, back, deal.Id); err != nil {
		return err
	}
	return k.enter(ctx, deal, types.DEAL_STATE_FINAL, 0)
}

// expire ends a deal whose deadline has passed, according to its state.
func (k Keeper) expire(ctx sdk.Context, deal *types.Deal) error {
	switch deal.State {
	case types.DEAL_STATE_OFFERED:
		if err := k.blameMissing(ctx, *deal); err != nil {
			return err
		}
		return k.lapse(ctx, deal)
	case types.DEAL_STATE_CERTIFIED:
		return k.unack(ctx, deal)
	case types.DEAL_STATE_ACKED:
		return k.forfeit(ctx, deal)
	default:
		return errorsmod.Wrapf(types.ErrDealState, "deal %d is %s and waits for nothing that could expire", deal.Id, deal.State)
	}
}
