package keeper

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// excused reports whether the pool of a deal that was offered, or drawn, at since would
// have refused an accept at some time up to now: it takes no offers, or was full.
func excused(ctx sdk.Context, deal types.Deal, pool types.Pool) bool {
	since := deal.EnteredAt(types.DEAL_STATE_OFFERED)
	if deal.Draw != nil {
		since = deal.Draw.Height
	}
	return takesOffers(ctx, pool) != nil || pool.FullHeight >= since
}

// settleLapse divides the deposit of a deal that lapses. What is forfeited goes to the
// community and not to the buyer, who could have friends reject what they are offered.
func (k Keeper) settleLapse(ctx sdk.Context, deal types.Deal) error {
	pool, err := k.pool(ctx, deal.PoolId)
	if err != nil {
		return err
	}
	excused := deal.Undecided() && excused(ctx, deal, pool)
	earned, forfeited := deal.LapseEarned(excused)
	rest, err := k.pay(ctx, deal, earned)
	if err != nil {
		return err
	}
	if forfeited {
		err = k.credit(ctx, k.authority, rest, deal.Id)
	} else {
		err = k.credit(ctx, deal.Seller, rest, deal.Id)
	}
	if err != nil || pool.Status != types.POOL_STATUS_CLOSED {
		return err
	}
	return k.settleHeld(ctx, deal, pool, excused)
}

// settleHeld divides what the buyer that closed the pool of a deal had held for it: the
// seller gets what the offer cost it, if the verdicts had not decided it.
func (k Keeper) settleHeld(ctx sdk.Context, deal types.Deal, pool types.Pool, excused bool) error {
	held, cost := pool.HeldForOffer(), math.ZeroInt()
	if excused {
		cost = deal.ClosedCost()
	}
	if err := k.credit(ctx, deal.Seller, cost, deal.Id); err != nil {
		return err
	}
	return k.credit(ctx, deal.Buyer, held.Sub(cost), deal.Id)
}

// pay credits what verdicts earn from the deposit and returns what is left of it.
func (k Keeper) pay(ctx sdk.Context, deal types.Deal, earned []types.Share) (math.Int, error) {
	rest := deal.Deposit
	for _, share := range earned {
		if err := k.earn(ctx, share, deal.Id); err != nil {
			return rest, err
		}
		rest = rest.Sub(share.Amount)
	}
	return rest, nil
}
