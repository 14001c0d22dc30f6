package keeper

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// convict ends a delivered deal as FRAUD: the buyer gets price and deposit, and the
// validators that accepted the dataset lose their stakes in it. It returns the amount
// credited to the buyer. All that it needs was fixed when the deal was offered.
//
// The price goes to the buyer's balance and not to the pool, so that the buyer decides
// what to do with it. The deal therefore still counts as reserved in its pool.
func (k Keeper) convict(ctx sdk.Context, deal *types.Deal, conviction types.Conviction) (math.Int, error) {
	if err := k.uncountDelivery(ctx, deal.PoolId); err != nil {
		return math.Int{}, err
	}
	credited, err := k.punish(ctx, deal, conviction, deal.Price.Add(deal.Deposit))
	if err != nil {
		return math.Int{}, err
	}
	return credited, k.enter(ctx, deal, types.DEAL_STATE_FRAUD, 0)
}

// punish slashes the validators that accepted the dataset, divides what they lose, and
// records the conviction in the deal. The buyer is credited with its part and what it gets
// back besides; punish returns the sum.
func (k Keeper) punish(ctx sdk.Context, deal *types.Deal, conviction types.Conviction, back math.Int) (math.Int, error) {
	slashed, err := k.slashAll(ctx, *deal, &conviction)
	if err != nil {
		return math.Int{}, err
	}
	refund, compensation := deal.Stake.Divide(slashed, conviction.Kind)
	conviction.Refund, conviction.Compensation = refund.Uint64(), compensation
	gained := refund.Add(compensation)
	if err := k.credit(ctx, deal.Buyer, back.Add(gained), deal.Id); err != nil {
		return math.Int{}, err
	}
	// The rest goes to the community: governance can withdraw it. Burning it would make
	// the conviction depend on the bank.
	if err := k.credit(ctx, k.authority, slashed.Sub(gained), deal.Id); err != nil {
		return math.Int{}, err
	}
	deal.Conviction = &conviction
	return back.Add(gained), emit(ctx, &types.EventConvicted{
		PoolId: deal.PoolId, DealId: deal.Id, Kind: conviction.Kind, Segment: conviction.Segment,
	})
}

// slashAll slashes every validator that accepted the dataset and returns the sum.
func (k Keeper) slashAll(ctx sdk.Context, deal types.Deal, conviction *types.Conviction) (math.Int, error) {
	sum := math.ZeroInt()
	for _, certificate := range deal.Accepted() {
		amount, err := k.slash(ctx, certificate.Validator, deal)
		if err != nil {
			return sum, err
		}
		conviction.Slashed = append(conviction.Slashed, types.Share{Address: certificate.Validator, Amount: amount})
		sum = sum.Add(amount)
	}
	return sum, nil
}

// uncountDelivery removes a convicted deal from its pool's count of deliveries. A filled
// pool does not open again.
func (k Keeper) uncountDelivery(ctx sdk.Context, id uint64) error {
	pool, err := k.pool(ctx, id)
	if err != nil {
		return err
	}
	pool.DeliveredCount--
	return k.pools.Set(ctx, id, pool)
}
