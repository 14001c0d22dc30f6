package buyer

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/buyer/internal/plain"
	"github.com/medibloc/pdx/node/model"
)

// OpenPool makes plain files of what was bought in a pool. report is called with how far a
// step is. Nothing but the files changes.
func (s *Service) OpenPool(ctx context.Context, o model.PlainOrder, report func(pdx.Progress)) (model.Plain, error) {
	if !filepath.IsAbs(o.Out) || filepath.Clean(o.Out) != o.Out || o.Out == filepath.Dir(o.Out) {
		return model.Plain{}, fmt.Errorf("%w: folder %q: a clean absolute path is wanted", pdx.ErrInvalid, o.Out)
	}
	if o.Format == "" {
		o.Format = model.PlainNDJSON
	}
	job, waiting, err := s.plainJob(ctx, o)
	if err != nil {
		return model.Plain{}, err
	}
	if job.Report = report; report == nil {
		job.Report = func(pdx.Progress) {}
	}
	if err := job.Check(); err != nil {
		return model.Plain{}, err
	}
	if o.DryRun {
		done := job.Plan()
		done.Waiting = waiting
		return done, nil
	}
	release, ok := s.plainly.Try(o.Out)
	if !ok {
		return model.Plain{}, fmt.Errorf("%w: another call is writing %s: wait for it", pdx.ErrWrongState, o.Out)
	}
	defer release()
	done, err := job.Run(ctx)
	done.Waiting = waiting
	return done, err
}

// plainJob finds what an order is about. waiting is how many deals are on their way.
func (s *Service) plainJob(ctx context.Context, o model.PlainOrder) (job plain.Job, waiting uint64, err error) {
	pool, err := s.pools.Pool(ctx, o.Pool)
	if err != nil {
		return job, 0, err
	}
	if pool.Buyer != s.account {
		return job, 0, fmt.Errorf("%w: pool %v belongs to %s", pdx.ErrInvalid, pool.ID, pool.Buyer)
	}
	deals, waiting, err := s.openedDeals(ctx, o)
	if err != nil {
		return job, 0, err
	}
	if s.published == nil {
		return job, 0, fmt.Errorf("%w: this node finds no criteria", pdx.ErrUnavailable)
	}
	raw, err := s.published.Document(ctx, pool, pool.Criteria, criteria.MaxDocumentBytes)
	if err != nil {
		return job, 0, fmt.Errorf("criteria of pool %v: %w", pool.ID, err)
	}
	doc, err := criteria.Parse(raw)
	if err != nil {
		return job, 0, err
	}
	schemas := func(id pdx.ContentID) ([]byte, error) {
		if raw, err := criteria.Bundle()(id); err == nil {
			return raw, nil
		}
		return s.published.Document(ctx, pool, id, criteria.MaxSchemaBytes)
	}
	return plain.Job{
		ChainID: s.chainID, Order: o, Pool: pool, Document: doc, Schemas: schemas, Formats: s.formats, Engine: s.engine, Deals: deals,
	}, waiting, nil
}

// openedDeals are the deals of an order whose files were written, by number.
func (s *Service) openedDeals(ctx context.Context, o model.PlainOrder) (deals []plain.Deal, waiting uint64, err error) {
	found := map[pdx.DealID]bool{}
	for cursor, first := "", true; first || cursor != ""; first = false {
		var pulls []model.Pull
		if pulls, cursor, err = s.ListPulls(ctx, o.Pool, model.Page{Cursor: cursor, Limit: page}); err != nil {
			return nil, 0, err
		}
		for _, p := range pulls {
			wanted := len(o.Deals) == 0 || slices.Contains(o.Deals, p.Deal)
			switch {
			case wanted && p.Opened != nil:
				found[p.Deal] = true
				deals = append(deals, plain.Deal{ID: p.Deal, Seller: p.Seller, Path: p.Opened.Path, Size: p.Opened.Bytes, Hash: p.Opened.Hash})
			case p.Opened == nil && !p.State.Done():
				waiting++
			}
		}
	}
	for _, id := range o.Deals {
		if !found[id] {
			return nil, 0, fmt.Errorf("%w: deal %v of pool %v has no files here: see 'pdx pulls'", pdx.ErrNotFound, id, o.Pool)
		}
	}
	if len(deals) == 0 {
		return nil, 0, fmt.Errorf("%w: nothing of pool %v was opened yet: see 'pdx pulls'", pdx.ErrNotFound, o.Pool)
	}
	return deals, waiting, nil
}
