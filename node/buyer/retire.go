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
// everything that was paid for has been opened. Its key stays if something was bought:
// without it, what is pulled again could not be opened. If nothing was, the key is
// destroyed.
func (s *Service) retire(ctx context.Context, id pdx.PoolID) error {
	if s.feed.live.Has(id) {
		return nil // its end is a hint
	}
	pool, err := s.pools.Pool(ctx, id)
	if err != nil || pool.Buyer != s.account || pool.Status == pdx.PoolOpen {
		return err
	}
	c, err := s.creationOf(ctx, pool.Key)
	if errors.Is(err, ErrNoKey) || err == nil && c.Finished {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.eachDeal(ctx, id, func(d pdx.Deal) error {
		p, _ := s.feed.get(d.ID)
		if !d.State.Ended() || d.State == pdx.DealFinal && p.Opened == nil {
			return errNeeded
		}
		c.Finished = c.Finished || d.State == pdx.DealFinal
		return nil
	})
	if errors.Is(err, errNeeded) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.Finished {
		return s.creations.Put(ctx, c.RequestID, c)
	}
	s.keys.Delete(pool.Key)
	if err := s.secrets.Delete(ctx, secretName(c.RequestID)); err != nil {
		return fmt.Errorf("destroy the pool's key: %w", err)
	}
	c.Destroyed = true
	return s.creations.Put(ctx, c.RequestID, c)
}
