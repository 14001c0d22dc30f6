package buyer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// Pull takes an order and says what becomes of it. What is to be pulled goes on in the
// background, and after a restart. An order that replaces one with another folder changes
// where everything goes that does not lie in the old folder yet.
//
// A dataset that was opened before and whose files are gone is pulled again, if somebody
// still serves it; so is one that is ordered by its number into another folder. Pull waits
// up to answerWait for that. An order by which nothing would be done and whose datasets
// are not there is an error.
func (s *Service) Pull(ctx context.Context, o model.PullOrder) (model.Ordered, error) {
	ordered, again, err := s.takeOrder(ctx, o)
	if err == nil {
		err = s.awaitAgain(ctx, &ordered, again)
	}
	if err == nil {
		err = nothingDone(o, ordered)
	}
	if err != nil {
		return model.Ordered{}, fmt.Errorf("order pool %v: %w", o.Pool, err)
	}
	return ordered, nil
}

func (s *Service) takeOrder(ctx context.Context, o model.PullOrder) (ordered model.Ordered, again []pdx.DealID, err error) {
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	s.taken++
	pool, err := s.checkOrder(ctx, o)
	if err != nil {
		return ordered, nil, err
	}
	ordered, wanted, err := s.survey(ctx, o, pool)
	if err != nil {
		return ordered, nil, err
	}
	if wanted, err = s.obtainable(ctx, &ordered, wanted); err != nil || !ordered.Goes && len(wanted) == 0 {
		return ordered, nil, err
	}
	if err := durable.MkdirAll(o.Out); err != nil { // better now than when the first dataset is paid for
		return ordered, nil, err
	}
	if err := s.reopen(ctx, pool.Key); err != nil {
		return ordered, nil, err
	}
	if err := s.putOrder(ctx, o, wanted); err != nil {
		return ordered, nil, fmt.Errorf("remember order: %w", err)
	}
	s.hints.order(o.Pool)
	again, err = s.beginAgain(ctx, wanted)
	return ordered, again, err
}

// reopen has the deals of a pool looked at again that was over without the order.
func (s *Service) reopen(ctx context.Context, key pdx.Element) error {
	c, err := s.creationOf(ctx, key)
	if err != nil || !c.Over {
		return err
	}
	c.Over = false
	return s.creations.Put(ctx, c.RequestID, c)
}

// putOrder remembers an order, also in place of those by number of deals that it has
// pulled again.
func (s *Service) putOrder(ctx context.Context, o model.PullOrder, wanted []pdx.Deal) error {
	orders := map[string]model.PullOrder{orderKey(o): o}
	for _, d := range wanted {
		own := model.PullOrder{Pool: o.Pool, Deal: d.ID, Out: o.Out}
		_, err := s.orders.Get(ctx, orderKey(own))
		switch {
		case err == nil:
			orders[orderKey(own)] = own
		case !errors.Is(err, pdx.ErrNotFound):
			return err
		}
	}
	return s.orders.PutAll(ctx, orders)
}

// Orders lists what was ordered.
func (s *Service) Orders(ctx context.Context) ([]model.PullOrder, error) { return s.orders.All(ctx) }

func (s *Service) checkOrder(ctx context.Context, o model.PullOrder) (pdx.Pool, error) {
	if !filepath.IsAbs(o.Out) || filepath.Clean(o.Out) != o.Out {
		return pdx.Pool{}, fmt.Errorf("%w: folder %q: a clean absolute path is wanted", pdx.ErrInvalid, o.Out)
	}
	pool, err := s.pools.Pool(ctx, o.Pool)
	if err != nil {
		return pool, err
	}
	if pool.Buyer != s.account {
		return pool, fmt.Errorf("%w: it belongs to %s", pdx.ErrInvalid, pool.Buyer)
	}
	return pool, nil
}

func orderKey(o model.PullOrder) string { return o.Pool.String() + "/" + o.Deal.String() }

// orderFor is the order that covers a deal: its own, or its pool's.
func (s *Service) orderFor(ctx context.Context, pool pdx.PoolID, deal pdx.DealID) (model.PullOrder, error) {
	o, err := s.orders.Get(ctx, orderKey(model.PullOrder{Pool: pool, Deal: deal}))
	if errors.Is(err, pdx.ErrNotFound) {
		return s.orders.Get(ctx, orderKey(model.PullOrder{Pool: pool}))
	}
	return o, err
}

// chose reports whether the owner has ordered something of a pool, so that what else is in
// it is left out on purpose. What compare ordered does not count.
func (s *Service) chose(ctx context.Context, pool pdx.PoolID) (bool, error) {
	q := store.Query{From: pool.String() + "/", To: pool.String() + "0", Limit: page} // "0" comes after "/"
	for cursor, first := "", true; first || cursor != ""; first = false {
		orders, next, err := s.orders.Page(ctx, q, cursor)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(orders, func(o model.PullOrder) bool { return s.folder == "" || filepath.Dir(o.Out) != s.folder }) {
			return true, nil
		}
		cursor = next
	}
	return false, nil
}

// creationOf is what is remembered of the pool with key B, as long as b is here.
func (s *Service) creationOf(ctx context.Context, key pdx.Element) (Creation, error) {
	found, err := s.creations.Find(ctx, "Key", key)
	if err != nil {
		return Creation{}, err
	}
	i := slices.IndexFunc(found, func(c Creation) bool { return !c.Destroyed })
	if i < 0 {
		return Creation{}, ErrNoKey
	}
	return found[i], nil
}
