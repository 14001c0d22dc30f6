package keeper

import (
	"fmt"
	"maps"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// sums are the stakes and the counts of offers that follow from the deals.
type sums struct {
	stakes  map[string]uint64
	offers  map[uint64]uint64
	sellers map[string]types.OfferCount // by sellerKey
}

func newSums() sums {
	return sums{stakes: map[string]uint64{}, offers: map[uint64]uint64{}, sellers: map[string]types.OfferCount{}}
}

func sellerKey(pool uint64, seller string) string { return fmt.Sprintf("%d %s", pool, seller) }

func (s sums) add(d types.Deal) {
	if !d.State.Ended() && d.Stake.Amount > 0 {
		for _, c := range d.Accepted() {
			s.stakes[c.Validator] += d.Stake.Amount
		}
	}
	seller := s.sellers[sellerKey(d.PoolId, d.Seller)]
	switch {
	case d.State == types.DEAL_STATE_OFFERED:
		s.offers[d.PoolId]++
		seller.Offered++
	case d.State.StaysCertified():
		seller.Certified++
	default:
		return
	}
	s.sellers[sellerKey(d.PoolId, d.Seller)] = seller
}

// checkSums holds what is kept of stakes and offers against what follows from the deals.
func (k Keeper) checkSums(ctx sdk.Context, want sums) error {
	got := newSums()
	err := k.totals.Walk(ctx, nil, func(validator string, totals types.Totals) (bool, error) {
		if totals.Staked > 0 {
			got.stakes[validator] = totals.Staked
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.offers.Walk(ctx, nil, func(pool, n uint64) (bool, error) {
		got.offers[pool] = n
		return false, nil
	})
	if err != nil {
		return err
	}
	err = k.offerCounts.Walk(ctx, nil, func(at collections.Pair[uint64, string], n types.OfferCount) (bool, error) {
		got.sellers[sellerKey(at.K1(), at.K2())] = n
		return false, nil
	})
	if err != nil {
		return err
	}
	if !maps.Equal(got.stakes, want.stakes) || !maps.Equal(got.offers, want.offers) || !maps.Equal(got.sellers, want.sellers) {
		return fmt.Errorf("%w: stakes and offers are %v, the deals give %v", types.ErrGenesis, got, want)
	}
	return nil
}
