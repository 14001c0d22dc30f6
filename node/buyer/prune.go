package buyer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// PrunePulls forgets pulls that ended before a time, with their orders, or says which it
// would forget. What was bought stays where it is: no file of an order's folder is touched.
//
// Pulls of a pool that is not over are kept: a pull that was forgotten would be begun again.
// What was forgotten and is ordered again is pulled as if for the first time.
//
// Errors: pdx.ErrUnavailable when the chain is needed to say when a deal ended, and cannot
// be read. What was forgotten before stays forgotten; the call may be repeated.
func (s *Service) PrunePulls(ctx context.Context, p model.Prune) (gone model.PrunedPulls, err error) {
	pulls, next, err := s.pulls.Page(ctx, store.Query{Field: "Deal", Limit: p.Limit}, p.Cursor)
	if err != nil {
		return gone, fmt.Errorf("prune pulls: %w", err)
	}
	gone.Next = next
	done := map[pdx.PoolID]bool{}
	for _, pull := range pulls {
		if !pull.State.Done() {
			continue
		}
		ended, err := s.ended(ctx, pull)
		if err != nil {
			return gone, fmt.Errorf("prune deal %v: %w", pull.Deal, err)
		}
		if !ended.Before(p.Before) {
			continue
		}
		if _, known := done[pull.Pool]; !known {
			if done[pull.Pool], err = s.isRetired(ctx, pull.Pool); err != nil {
				return gone, fmt.Errorf("prune pulls of pool %v: %w", pull.Pool, err)
			}
		}
		if !done[pull.Pool] {
			gone.Kept++
			continue
		}
		gone.Pulls = append(gone.Pulls, pull)
		if p.DryRun {
			continue
		}
		if err := s.forget(ctx, pull); err != nil {
			return gone, fmt.Errorf("prune deal %v: %w", pull.Deal, err)
		}
	}
	return gone, nil
}

// ended is when a pull was done. Records of older programs do not say it; the chain does.
func (s *Service) ended(ctx context.Context, p model.Pull) (time.Time, error) {
	if !p.Ended.IsZero() {
		return p.Ended, nil
	}
	d, err := s.ledger.Deal(ctx, p.Deal)
	if errors.Is(err, pdx.ErrNotFound) {
		return time.Time{}, nil
	}
	return d.Entered(d.State).Time, err
}

// isRetired reports whether nothing is left to do in a pool.
func (s *Service) isRetired(ctx context.Context, pool pdx.PoolID) (retired bool, err error) {
	creations, err := s.creations.Find(ctx, "Pool", pool)
	for _, c := range creations {
		if !c.Destroyed && !c.Over {
			return false, err
		}
		retired = true
	}
	return retired, err
}

// forget deletes a pull and its order. The order of a whole pool goes with the last of its
// pulls.
func (s *Service) forget(ctx context.Context, p model.Pull) error {
	if err := s.orders.Delete(ctx, orderKey(model.PullOrder{Pool: p.Pool, Deal: p.Deal})); err != nil {
		return err
	}
	q := store.Query{Field: "Pool,Deal", From: store.Joined(uint64(p.Pool), 0), To: store.Joined(uint64(p.Pool)+1, 0), Limit: 1}
	_, more, err := s.pulls.Page(ctx, q, "")
	if err == nil && more == "" {
		err = s.orders.Delete(ctx, orderKey(model.PullOrder{Pool: p.Pool}))
	}
	if err != nil {
		return err
	}
	return s.pulls.Delete(ctx, p.Deal.String())
}
