package keeper

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// excused reports whether the pool of a deal that was offered, or drawn, at since would
// have refused an accept at some time up to now: it takes no offers, or was full.
func (k Keeper) excused(ctx sdk.Context, deal types.Deal) (bool, error) {
	since := deal.EnteredAt(types.DEAL_STATE_OFFERED)
	if deal.Draw != nil {
		since = deal.Draw.Height
	}
	pool, err := k.pool(ctx, deal.PoolId)
	return err == nil && (takesOffers(ctx, pool) != nil || pool.FullHeight >= since), err
}

// settleLapse divides the deposit of a deal that lapses. What is forfeited goes to the
// community and not to the buyer, who could have friends reject what they are offered.
func (k Keeper) settleLapse(ctx sdk.Context, deal types.Deal) error {
	excused := false
	if deal.Undecided() && len(deal.Certificates) > 0 {
		var err error
		if excused, err = k.excused(ctx, deal); err != nil {
			return err
		}
	}
	earned, forfeited := deal.LapseEarned(excused)
	rest, err := k.pay(ctx, deal, earned)
	if err != nil {
		return err
	}
	if forfeited {
		return k.credit(ctx, k.authority, rest, deal.Id)
	}
	return k.credit(ctx, deal.Seller, rest, deal.Id)
}

// pay credits what verdicts earn from the deposit and returns what is left of it.
func (k Keeper) pay(ctx sdk.Context, deal types.Deal, earned []types.Share) (math.Int, error) {
	rest := deal.Deposit
	for _, share := range earned {
		if err := k.credit(ctx, share.Address, share.Amount, deal.Id); err != nil {
			return rest, err
		}
		rest = rest.Sub(share.Amount)
	}
	return rest, nil
}
