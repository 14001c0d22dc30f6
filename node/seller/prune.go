package seller

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// PruneSales forgets settled sales that ended before a time, with their disclosed records,
// or says which it would forget. Registered data stays, whatever was sold of it.
//
// Sales of a pool that still takes offers are kept: they tell this node, if an older
// database is restored, that the same records were offered there.
//
// Errors: pdx.ErrUnavailable when the chain cannot say whether a pool is open. What was
// forgotten before stays forgotten; the call may be repeated.
func (s *Service) PruneSales(ctx context.Context, p model.Prune) (gone model.PrunedSales, err error) {
	q := store.Query{Field: "Settled", From: int64(1), Limit: p.Limit}
	sales, next, err := s.sales.Page(ctx, q, p.Cursor)
	if err != nil {
		return gone, fmt.Errorf("prune sales: %w", err)
	}
	gone.Next = next
	open := map[pdx.PoolID]bool{}
	for _, sale := range sales {
		if !sale.Updated.Before(p.Before) {
			continue
		}
		if _, known := open[sale.Pool]; !known {
			if open[sale.Pool], err = s.takesOffers(ctx, sale.Pool); err != nil {
				return gone, fmt.Errorf("prune sales: pool %v: %w", sale.Pool, err)
			}
		}
		if open[sale.Pool] {
			gone.Kept++
			continue
		}
		if err := s.forget(ctx, s.located(sale), p.DryRun, &gone); err != nil {
			return gone, fmt.Errorf("prune sale %s: %w", sale.ID, err)
		}
	}
	return gone, nil
}

// takesOffers reports whether a pool is open, or this node has a sale in it that goes on.
func (s *Service) takesOffers(ctx context.Context, id pdx.PoolID) (bool, error) {
	if s.feed.live.Has(id) {
		return true, nil
	}
	pool, err := s.ledger.Pool(ctx, id)
	if errors.Is(err, pdx.ErrNotFound) {
		return false, nil
	}
	return pool.Status == pdx.PoolOpen, err
}

// forget deletes a settled sale: its records first, so that after a crash the row still
// says where they lie.
func (s *Service) forget(ctx context.Context, sale model.Sale, dryRun bool, gone *model.PrunedSales) error {
	if size, ok := s.ownRecords(sale); ok {
		gone.Files++
		gone.Bytes += size
		if !dryRun {
			if err := os.RemoveAll(sale.Disclosed); err != nil {
				return err
			}
		}
	}
	gone.Sales = append(gone.Sales, sale)
	if dryRun {
		return nil
	}
	return s.sales.Delete(ctx, sale.ID)
}

// ownRecords reports whether a sale has disclosed records that are its own and nobody
// else's: not registered data, which stays where it is, and of no sale in progress. size is
// theirs in bytes.
func (s *Service) ownRecords(sale model.Sale) (size uint64, ok bool) {
	if sale.Disclosed == "" || filepath.Dir(sale.Disclosed) != s.folder {
		return 0, false
	}
	for _, other := range s.feed.records.Find(sale.Disclosed) {
		if other.ID != sale.ID {
			return 0, false
		}
	}
	err := filepath.WalkDir(sale.Disclosed, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ok = true
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += uint64(info.Size())
		}
		return nil
	})
	return size, ok && err == nil
}

// letGoOfRecords deletes the disclosed records of a sale that is over, unless the owner
// keeps them, and returns the sale without them.
func (s *Service) letGoOfRecords(sale model.Sale) (model.Sale, error) {
	if _, ok := s.ownRecords(sale); !ok || s.keepDisclosed {
		return sale, nil
	}
	if err := os.RemoveAll(sale.Disclosed); err != nil {
		return sale, fmt.Errorf("delete disclosed records: %w", err)
	}
	sale.Disclosed = ""
	return sale, nil
}
