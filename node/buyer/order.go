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

// Pull takes an order. It returns when the order is on disk; the work goes on in
// the background, and after a restart. The same order again changes nothing; a
// deal's or a pool's folder cannot be changed by ordering into another.
func (s *Service) Pull(ctx context.Context, o model.PullOrder) error {
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	s.taken++
	if err := s.checkOrder(ctx, o); err != nil {
		return fmt.Errorf("order pool %v: %w", o.Pool, err)
	}
	if err := s.orders.Put(ctx, orderKey(o), o); err != nil {
		return fmt.Errorf("remember order: %w", err)
	}
	s.hints.order(o.Pool)
	return nil
}

// Orders lists what was ordered.
func (s *Service) Orders(ctx context.Context) ([]model.PullOrder, error) { return s.orders.All(ctx) }

func (s *Service) checkOrder(ctx context.Context, o model.PullOrder) error {
	if !filepath.IsAbs(o.Out) || filepath.Clean(o.Out) != o.Out {
		return fmt.Errorf("%w: folder %q: a clean absolute path is wanted", pdx.ErrInvalid, o.Out)
	}
	pool, err := s.pools.Pool(ctx, o.Pool)
	if err != nil {
		return err
	}
	if pool.Buyer != s.account {
		return fmt.Errorf("%w: it belongs to %s", pdx.ErrInvalid, pool.Buyer)
	}
	earlier, err := s.orders.Get(ctx, orderKey(o))
	switch {
	case err == nil && earlier.Out != o.Out:
		return fmt.Errorf("%w: it is ordered into %s already", pdx.ErrWrongState, earlier.Out)
	case err == nil:
		return nil // the same again, also when all is done and the key is destroyed
	case !errors.Is(err, pdx.ErrNotFound):
		return err
	}
	c, err := s.creationOf(ctx, pool.Key)
	if err != nil {
		return err
	}
	if c.Over { // it was, without this order
		c.Over = false
		if err := s.creations.Put(ctx, c.RequestID, c); err != nil {
			return err
		}
	}
	if o.Deal != 0 {
		deal, err := s.ledger.Deal(ctx, o.Deal)
		if err != nil {
			return err
		}
		if deal.Pool != o.Pool {
			return fmt.Errorf("%w: deal %v is of pool %v", pdx.ErrInvalid, o.Deal, deal.Pool)
		}
	}
	// Better now than when the first dataset is paid for.
	return durable.MkdirAll(o.Out)
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
