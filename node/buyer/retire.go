package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// errNeeded ends the look at a pool's deals: one of them goes on.
var errNeeded = errors.New("the pool is not finished")

// retire ends the work on a pool of which nothing can be bought any more and in which
// everything that was paid for has been opened. Its key stays if something was paid for:
// without it, what is pulled again could not be opened, nor what was never opened here. If
// nothing was, the key is destroyed.
//
// idle says that nothing is left to do for any deal of the pool, as it was just seen. A
// pool whose key is kept is then marked as over.
func (s *Service) retire(ctx context.Context, id pdx.PoolID, idle bool) error {
	if s.feed.ofPool.Has(id) {
		return nil // its end is a hint
	}
	orders := s.ordersTaken()
	pool, err := s.pools.Pool(ctx, id)
	if err != nil || pool.Buyer != s.account || pool.Status == pdx.PoolOpen {
		return err
	}
	c, err := s.creationOf(ctx, pool.Key)
	if errors.Is(err, ErrNoKey) || err == nil && c.Over {
		return nil
	}
	if err != nil {
		return err
	}
	paid := false
	err = s.eachDeal(ctx, id, func(d pdx.Deal) error {
		p, _, err := s.known(ctx, d.ID)
		switch {
		case err != nil:
			return err
		case !d.State.Ended():
			return errNeeded
		case d.State == pdx.DealFinal && p.Opened == nil && !idle:
			return errNeeded
		}
		paid = paid || d.State == pdx.DealFinal
		return nil
	})
	if errors.Is(err, errNeeded) {
		return nil
	}
	if err != nil {
		return err
	}
	if paid { // its deals are not looked at until one is ordered
		c.Over = true
		return s.putOver(ctx, c, orders)
	}
	s.keys.Delete(pool.Key)
	if err := s.secrets.Delete(ctx, secretName(c.RequestID)); err != nil {
		return fmt.Errorf("destroy the pool's key: %w", err)
	}
	c.Destroyed = true
	return s.creations.Put(ctx, c.RequestID, c)
}

// putOver records that a pool is over, unless an order was taken since it was looked at.
func (s *Service) putOver(ctx context.Context, c Creation, orders uint64) error {
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	if s.taken != orders {
		return nil // its hint comes
	}
	return s.creations.Put(ctx, c.RequestID, c)
}

// ordersTaken is how many orders were taken by this process.
func (s *Service) ordersTaken() uint64 {
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	return s.taken
}
