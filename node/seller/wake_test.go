package seller_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller"
)

// manyDeals is a ledger on which every sale of a list waits for its ack.
type manyDeals struct {
	*chain
	sales []model.Sale
	reads atomic.Int64
}

func (m *manyDeals) Deal(_ context.Context, id pdx.DealID) (pdx.Deal, error) {
	m.reads.Add(1)
	s := m.sales[id-1]
	return pdx.Deal{
		ID: id, Pool: s.Pool, Seller: account, Buyer: s.Terms.Buyer, BuyerKey: s.Terms.Key, Price: s.Terms.Price,
		Criteria: s.Terms.Criteria, Required: s.Terms.Required, Dataset: *s.Dataset, Fields: s.Fields, State: pdx.DealCertified,
		DeadlineHeight: 1 << 40, DeadlineTime: time.Now().Add(time.Hour),
	}, nil
}

type wholeBlobs struct{ blobs }

func (wholeBlobs) Check(context.Context, pdx.ContentID) error { return nil }

func certifiedSales(n int) (list []model.Sale) {
	for i := range n {
		list = append(list, model.Sale{
			ID: fmt.Sprintf("s%06d", i), Pool: 7, Validators: []pdx.Address{"panacea1val1"}, Terms: model.Terms{Buyer: buyer, Price: price},
			State: model.SaleCertified, Deal: pdx.DealID(i + 1),
			Dataset: &pdx.Dataset{Root: pdx.ContentID{1, byte(i), byte(i >> 8)}, Size: 1000},
		})
	}
	return list
}

// What a stranger or the chain says of a pool, or of others' deals, costs the waiting
// sales of the pool nothing.
func TestEventsWakeOnlyWhatTheyName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		w := newWorld(t)
		ledger := &manyDeals{chain: w.chain, sales: certifiedSales(n)}
		for _, sale := range ledger.sales {
			require.NoError(t, w.sales.Put(t.Context(), sale.ID, sale))
		}
		s, err := seller.New(seller.Config{
			ChainID: chainID, Account: account, Folder: w.folder, Documents: w.docs, Ledger: ledger, Prover: w.prover,
			Wallet: w.chain, Blobs: wholeBlobs{blobs{w.blobs}}, Validators: w, Sales: w.sales, Data: w.data, Secrets: w.secrets, Marks: w.marks,
		})
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		defer w.stop(t, s)
		time.Sleep(5 * time.Second)
		require.GreaterOrEqual(t, ledger.reads.Load(), int64(n))

		woken := func(events ...pdx.Event) int64 {
			ledger.reads.Store(0)
			for range 20 {
				for _, e := range events {
					s.Wake(e)
				}
				synctest.Wait()
			}
			time.Sleep(2 * time.Second) // far less than the interval of polls
			return ledger.reads.Load()
		}
		require.Zero(t, woken(pdx.Event{Kind: "notice", Pool: 7}), "a notice that names no deal")
		require.Zero(t, woken(pdx.Event{Kind: "EventDealState", Pool: 7, Deal: n + 1, State: string(pdx.DealOffered)}),
			"the deal of another seller")
		require.Zero(t, woken(pdx.Event{Kind: "EventPoolStatus", Pool: 7, State: string(pdx.PoolClosed)}), "the end of a pool")
		require.LessOrEqual(t, woken(pdx.Event{Kind: "notice", Pool: 7, Deal: 5}, pdx.Event{Kind: "EventDealState", Pool: 7, Deal: 5}), int64(2),
			"40 events about one deal in a moment")
		both := woken(pdx.Event{Pool: 7, Deal: 5}, pdx.Event{Pool: 7, Deal: 6})
		require.True(t, both >= 2 && both <= 4, "%d reads: each deal by itself", both)
	})
}
