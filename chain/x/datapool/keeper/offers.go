package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// poolSeller is a pair of a pool and a seller in it.
type poolSeller = collections.Pair[uint64, string]

var poolSellerCodec = collections.PairKeyCodec(collections.Uint64Key, collections.StringKey)

// checkOffers bounds the work that offers make for a pool's validators: by the datasets that
// the pool still wants, and by what of this seller was certified.
func (k Keeper) checkOffers(ctx context.Context, pool types.Pool, seller string, params types.Params) error {
	offers, err := k.offers.Get(ctx, pool.Id)
	if ignore(err, collections.ErrNotFound) != nil {
		return err
	}
	if slots := pool.Slots(); offers/uint64(params.MaxOffersPerSlot) >= slots {
		return errorsmod.Wrapf(types.ErrPoolOffers, "pool %d has %d offers and wants %d more datasets", pool.Id, offers, slots)
	}
	count, err := k.offerCount(ctx, pool.Id, seller)
	if err != nil {
		return err
	}
	if count.Offered >= count.Certified+uint64(params.MaxOffersAhead) {
		return errorsmod.Wrapf(types.ErrSellerOffers, "pool %d has %d of it, %d were certified", pool.Id, count.Offered, count.Certified)
	}
	return nil
}

func (k Keeper) offerCount(ctx context.Context, pool uint64, seller string) (types.OfferCount, error) {
	count, err := k.offerCounts.Get(ctx, collections.Join(pool, seller))
	return count, ignore(err, collections.ErrNotFound)
}

// countStep keeps the counts of offers and of certified deals when a deal goes from one
// state to another.
func (k Keeper) countStep(ctx sdk.Context, deal types.Deal, from, to types.DealState) error {
	offered := change(from == types.DEAL_STATE_OFFERED, to == types.DEAL_STATE_OFFERED)
	certified := change(from.StaysCertified(), to.StaysCertified())
	if offered == 0 && certified == 0 {
		return nil
	}
	count, err := k.offerCount(ctx, deal.PoolId, deal.Seller)
	if err != nil {
		return err
	}
	count.Offered += offered
	count.Certified += certified
	at := collections.Join(deal.PoolId, deal.Seller)
	if count == (types.OfferCount{}) {
		err = k.offerCounts.Remove(ctx, at)
	} else {
		err = k.offerCounts.Set(ctx, at, count)
	}
	if err != nil || offered == 0 {
		return err
	}
	return k.addOffers(ctx, deal.PoolId, offered)
}

// change returns 1, 0 or −1, as an unsigned number that wraps around.
func change(before, after bool) uint64 {
	switch {
	case after && !before:
		return 1
	case before && !after:
		return ^uint64(0)
	}
	return 0
}

func (k Keeper) addOffers(ctx context.Context, pool, n uint64) error {
	offers, err := k.offers.Get(ctx, pool)
	if err != nil && !errors.Is(err, collections.ErrNotFound) {
		return err
	}
	if offers += n; offers == 0 {
		return k.offers.Remove(ctx, pool)
	}
	return k.offers.Set(ctx, pool, offers)
}
