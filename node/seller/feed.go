package seller

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
	"github.com/medibloc/pdx/node/watch"
)

// feed has the sales in progress as they are now, for watchers and authorization: what the
// table holds, and the progress that is shown and not stored. A sale that is settled is in
// the table only, so memory and start do not grow with history.
type feed struct {
	sales    *watch.Map[string, model.Sale]
	sealed   saleIndex[pdx.ContentID] // by the ciphertext that was sealed, and must stay
	offered  saleIndex[pdx.ContentID] // by the ciphertext that is offered
	ofDeal   saleIndex[pdx.DealID]
	live     saleIndex[pdx.PoolID] // not ended
	records  saleIndex[string]     // by the path of their disclosed records
	partners saleIndex[pdx.Address]
	waiting  saleIndex[struct{}] // not ended, and something is in the way
}

type saleIndex[T comparable] = *watch.Index[T, string, model.Sale]

func newFeed() *feed {
	sales := watch.NewMap[string, model.Sale]()
	byRoot := func(wanted func(model.Sale) bool) saleIndex[pdx.ContentID] {
		return watch.NewIndex(sales, func(s model.Sale, under func(pdx.ContentID)) {
			if s.Dataset != nil && wanted(s) {
				under(s.Dataset.Root)
			}
		})
	}
	byPool := func(wanted func(model.Sale) bool) saleIndex[pdx.PoolID] {
		return watch.NewIndex(sales, func(s model.Sale, under func(pdx.PoolID)) {
			if wanted(s) {
				under(s.Pool)
			}
		})
	}
	return &feed{
		sales:   sales,
		sealed:  byRoot(func(model.Sale) bool { return true }),
		offered: byRoot(func(s model.Sale) bool { return s.Deal != 0 }),
		ofDeal: watch.NewIndex(sales, func(s model.Sale, under func(pdx.DealID)) {
			if s.Deal != 0 {
				under(s.Deal)
			}
		}),
		live: byPool(live),
		records: watch.NewIndex(sales, func(s model.Sale, under func(string)) {
			if s.Disclosed != "" {
				under(s.Disclosed)
			}
		}),
		partners: byPartner(sales),
		waiting: watch.NewIndex(sales, func(s model.Sale, under func(struct{})) {
			if live(s) && s.Reason != "" {
				under(struct{}{})
			}
		}),
	}
}

// set shows a sale. One that is settled is shown a last time.
func (f *feed) set(sale model.Sale) {
	if sale.Settled {
		f.sales.Retire(sale.ID, sale)
	} else {
		f.sales.Set(sale.ID, sale)
	}
}

// merge shows how far a validator is with a sale.
func (f *feed) merge(id string, check model.Check) {
	f.sales.Update(id, func(sale model.Sale) (model.Sale, bool) {
		sale.Checks = slices.Clone(sale.Checks)
		mergeCheck(&sale, check)
		return sale, true
	})
}

// overlay adds to a sale what is shown of its checks and not stored yet.
func (f *feed) overlay(sale *model.Sale) {
	shown, _ := f.sales.Get(sale.ID)
	sale.Checks = slices.Clone(sale.Checks)
	for _, check := range shown.Checks {
		if check.Stage != pdx.StageDone {
			mergeCheck(sale, check)
		}
	}
}

// unsealed reports whether a sale into a pool has not been sealed yet.
func (f *feed) unsealed(pool pdx.PoolID) bool {
	return slices.ContainsFunc(f.live.Find(pool), func(s model.Sale) bool { return s.Dataset == nil })
}

// meter reports how far the stage under way of a sale is.
func (s *Service) meter(id string) records.Meter {
	return records.NewMeter(func(now pdx.Progress) {
		s.feed.sales.Update(id, func(sale model.Sale) (model.Sale, bool) {
			sale.Progress = now
			return sale, true
		})
	})
}

// InProgress lists the sales that are not settled, oldest first.
func (s *Service) InProgress() []model.Sale {
	return slices.SortedFunc(slices.Values(s.feed.sales.Values()), func(a, b model.Sale) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
}

// Waiting lists the sales in progress that wait for something, with the reason.
func (s *Service) Waiting() []model.Sale { return s.feed.waiting.Find(struct{}{}) }

// Changes yields every sale in progress as it is and then those that change, until ctx
// ends or the loop is left. A slow reader gets the latest of each sale.
func (s *Service) Changes(ctx context.Context) iter.Seq[model.Sale] { return s.feed.sales.Watch(ctx) }

// byPartner indexes the sales whose deals have not ended by the accounts that deal with
// them: the buyer and the validators.
func byPartner(sales *watch.Map[string, model.Sale]) saleIndex[pdx.Address] {
	return watch.NewIndex(sales, func(s model.Sale, under func(pdx.Address)) {
		if s.Deal == 0 || !live(s) {
			return
		}
		under(s.Terms.Buyer)
		for _, v := range s.Validators {
			under(v)
		}
	})
}

// DealsWith reports from memory whether an account is the buyer or a validator of a deal of
// this seller that has not ended.
func (s *Service) DealsWith(account pdx.Address) bool {
	return account != "" && s.feed.partners.Has(account)
}
