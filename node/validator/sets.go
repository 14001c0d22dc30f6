package validator

import (
	"context"
	"errors"
	"log/slog"

	"github.com/medibloc/pdx"
)

// ReadsSets reports from memory whether an account is a validator of a pool whose record
// sets are kept here, so that it may be told which account keeps them.
func (s *Service) ReadsSets(account pdx.Address) bool { return s.sets.Reads(account) }

// retireSets deletes the sets of pools that are proven to have ended. It is false if some
// must be looked at again.
func (s *Service) retireSets(ctx context.Context) (ok bool) {
	if err := s.sets.Load(ctx); err != nil {
		s.log.WarnContext(ctx, "cannot read which record sets are kept; trying again", "error", err)
		return false
	}
	ok = true
	for _, id := range s.sets.Pools() {
		if err := s.retirePool(ctx, id); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "cannot let go of the record sets of a pool; trying again",
				slog.Uint64("pool_id", uint64(id)), causeOf(err))
			ok = false
		}
	}
	return ok
}

func (s *Service) retirePool(ctx context.Context, id pdx.PoolID) error {
	pool, err := s.ledger.Pool(ctx, id)
	if err != nil || pool.Status == pdx.PoolOpen {
		return err
	}
	if pool, err = s.prover.Pool(ctx, id); err != nil || pool.Status == pdx.PoolOpen {
		return err // an end is proven by the block after it
	}
	var failed error
	for _, root := range s.sets.Of(id) {
		err := s.blobs.Delete(ctx, root)
		if err == nil {
			err = s.sets.Remove(ctx, root)
		}
		failed = errors.Join(failed, err)
	}
	s.bought.forget(id)
	return failed
}
