package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// errNeeded ends the look at a pool's deals: the key must stay.
var errNeeded = errors.New("the key is still needed")

// retire destroys a pool's key when nothing can be encrypted to it any more and
// everything that was paid for has been opened. A deal that was paid for and
// not opened here keeps it, whatever the reason.
func (s *Service) retire(ctx context.Context, id pdx.PoolID) error {
	if s.feed.live.Has(id) {
		return nil // its end is a hint
	}
	pool, err := s.pools.Pool(ctx, id)
	if err != nil || pool.Buyer != s.account || pool.Status == pdx.PoolOpen {
		return err
	}
	c, err := s.creationOf(ctx, pool.Key)
	if errors.Is(err, ErrNoKey) {
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
		return nil
	})
	if errors.Is(err, errNeeded) {
		return nil
	}
	if err != nil {
		return err
	}
	s.keys.Delete(pool.Key)
	if err := s.secrets.Delete(ctx, secretName(c.RequestID)); err != nil {
		return fmt.Errorf("destroy the pool's key: %w", err)
	}
	c.Destroyed = true
	return s.creations.Put(ctx, c.RequestID, c)
}
