package buyer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// PrunePulls forgets pulls that ended before a time, with their orders, or says which it
// would forget. What was bought stays where it is: no file of an order's folder is touched.
//
// Pulls of a pool that is not over are kept: a pull that was forgotten would be begun again.
// What was forgotten and is ordered again is pulled as if for the first time. Therefore pulls
// whose records were erased on request are kept, too.
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
		if !pull.State.Done() || !pull.Erased.IsZero() {
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

// Erase deletes the records of a deal from the folder into which this node put them, and
// remembers that, so that no order brings them back. The manifest beside them stays: it is the
// record of the purchase. It is no error if the records are gone, or were never opened here.
//
// It returns pdx.ErrWrongState while the deal may still be disputed: until then the ciphertext
// is the buyer's evidence.
func (s *Service) Erase(ctx context.Context, id pdx.DealID) error {
	s.ordersMu.Lock() // no order surveys the files meanwhile
	defer s.ordersMu.Unlock()
	p, known, err := s.known(ctx, id)
	if err != nil || !known || !p.Erased.IsZero() {
		return err
	}
	if !p.State.Done() {
		return fmt.Errorf("erase deal %v: %w: it is %s; wait until it is final", id, pdx.ErrWrongState, p.State)
	}
	if p.Opened != nil {
		if err := removeRecords(p.Opened.Path); err != nil {
			return fmt.Errorf("erase deal %v: %w", id, err)
		}
	}
	p.Erased = time.Now().UTC()
	if err := s.pulls.Put(ctx, id.String(), p); err != nil {
		return fmt.Errorf("erase deal %v: %w", id, err)
	}
	s.feed.set(p)
	return nil
}

// removeRecords deletes a file or a folder of records durably.
func removeRecords(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	err := durable.SyncDir(filepath.Dir(path))
	if os.IsNotExist(err) { // its folder is gone, too
		return nil
	}
	return err
}

// RecordsOf returns where the records of a deal were put, "" if they were not or are unknown.
func (s *Service) RecordsOf(ctx context.Context, id pdx.DealID) string {
	p, known, err := s.known(ctx, id)
	if err != nil || !known || p.Opened == nil {
		return ""
	}
	return p.Opened.Path
}

// erasedReason says why the records of a deal are not pulled again.
func erasedReason(p model.Pull) string {
	return fmt.Sprintf("deleted on %s at the request of its seller", p.Erased.Local().Format("2006-01-02 15:04 MST"))
}
