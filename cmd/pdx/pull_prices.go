package main

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
)

// maxPricePages bounds the pages of pools that are read for a list of pulls.
const maxPricePages = 100

// pricesOf returns the prices of this account's pools, as far as the chain can be read: a list
// of pulls is of use without them.
func pricesOf(ctx context.Context, client api.Client) map[uint64]pdx.Amount {
	prices := map[uint64]pdx.Amount{}
	st, err := client.Status(ctx, &nodepb.StatusRequest{})
	if err != nil {
		return prices
	}
	req := &nodepb.ListPoolsRequest{Buyer: st.Account, Reverse: true}
	for range maxPricePages {
		res, err := client.ListPools(ctx, req)
		if err != nil {
			return prices
		}
		for _, p := range res.Pools {
			if price, err := api.ToAmount(p.Price); err == nil {
				prices[p.Id] = price
			}
		}
		if res.NextCursor == "" || res.NextCursor == req.Cursor {
			break
		}
		req.Cursor = res.NextCursor
	}
	return prices
}

// spent is how much was committed for datasets and has not come back, and for how many.
func spent(pulls []*nodepb.Pulled, prices map[uint64]pdx.Amount) (total pdx.Amount, datasets int) {
	for _, p := range pulls {
		price, known := prices[p.PoolId]
		switch model.PullState(p.State) {
		case model.PullAcked, model.PullDelivered, model.PullOpened, model.PullDisputed, model.PullFinal, model.PullFailed:
			if known {
				total, datasets = total+price, datasets+1
			}
		}
	}
	return total, datasets
}
