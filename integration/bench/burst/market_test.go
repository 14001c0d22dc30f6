package burst_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/keys"
)

const (
	// records of each dataset.
	records = 10
	// atOnce is how many orders a person's script gives at once.
	atOnce = 8
	// probeOffers is how many offers measure the account's transactions per block.
	probeOffers = 1200
	// probeBlocks is how many blocks it goes on: three whole ones at least.
	probeBlocks = 5
)

// prepare registers n datasets with the seller.
func prepare(m *market.Market, n int) {
	for i := range n {
		m.AddSample(m.Sellers[0], name(i), sample.Options{Kind: sample.Patient, Patients: records, Seed: uint64(i + 1)})
	}
}

func name(i int) string { return fmt.Sprintf("data-%d", i) }

// sell orders all sales at once.
func sell(m *market.Market, pool uint64, n int) {
	orders := make(chan int)
	failed := make(chan error, n)
	var work sync.WaitGroup
	for range atOnce {
		work.Go(func() {
			for i := range orders {
				_, err := m.Sellers[0].Client().Sell(m.T.Context(), &nodepb.SellRequest{PoolId: pool, DataId: name(i), Agreed: []uint32{1}})
				failed <- err
			}
		})
	}
	for i := range n {
		orders <- i
	}
	close(orders)
	work.Wait()
	for range n {
		m.Must(<-failed, "sell")
	}
}

// probe measures how many transactions of one account get into a block.
func probe(m *market.Market) float64 {
	pool := m.OpenPool(market.Pool{Count: probeOffers})
	account := adversary.NewKeys(m.T)
	ends := m.Fleet.Endpoints()
	c, err := client.New(client.Config{ChainID: ends.ChainID, GRPC: ends.GRPC, RPC: ends.RPC, Keyring: account.Keyring(), KeyName: keys.Name})
	m.Must(err, "connect the probe")
	defer c.Close()
	m.Must(m.Fleet.Fund(m.T.Context(), c.Account(), perSale*probeOffers), "fund the probe")
	var accepted []pdx.Address
	for _, v := range m.Validators {
		accepted = append(accepted, v.Account)
	}
	read, err := c.Pool(m.T.Context(), pdx.PoolID(pool))
	m.Must(err, "read the probe's pool")
	offers := make([]pdx.Offer, probeOffers)
	for i := range offers {
		offers[i] = datapooltest.Seal(fmt.Appendf(nil, "probe %d", i)).Offer(ends.ChainID, read, c.Account(), accepted...)
	}
	ctx, cancel := context.WithTimeout(m.T.Context(), probeBlocks*block)
	defer cancel()
	err = market.All(offers, func(o pdx.Offer) error { _, err := c.Offer(ctx, o); return err })
	if ctx.Err() == nil {
		m.Must(err, "offer")
	}
	nextBlock(m, 2) // what was broadcast is in one of them
	deals, err := m.Deals(m.T.Context(), pool)
	m.Must(err, "read the probe's deals")
	return perBlock(deals)
}

// nextBlock waits for a number of blocks and returns the last of them.
func nextBlock(m *market.Market, blocks int64) (head pdx.Head) {
	from, err := m.Chain.Head(m.T.Context())
	m.Must(err, "read the head")
	m.Until(market.Patience, "blocks pass", func(ctx context.Context) (err error) {
		head, err = m.Chain.Head(ctx)
		if err == nil && head.Height < from.Height+blocks {
			err = fmt.Errorf("at height %d", head.Height)
		}
		return err
	})
	return head
}

// perBlock returns the mean of all blocks but the first and the last, which are begun
// and ended in the middle; of few blocks the fullest.
func perBlock(deals []pdx.Deal) float64 {
	counts := map[int64]int{}
	var heights []int64
	for _, d := range deals {
		h := d.Entered(pdx.DealOffered).Height
		if counts[h]++; counts[h] == 1 {
			heights = append(heights, h)
		}
	}
	slices.Sort(heights)
	if len(heights) < 3 {
		most := 0
		for _, n := range counts {
			most = max(most, n)
		}
		return float64(most)
	}
	sum, inner := 0, heights[1:len(heights)-1]
	for _, h := range inner {
		sum += counts[h]
	}
	return float64(sum) / float64(len(inner))
}
