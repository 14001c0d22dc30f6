package buyer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/model"
)

// survey sorts the deals that an order covers: what is pulled in any case, what lies
// where it was put, and wanted, what was opened before and is to be had again.
func (s *Service) survey(ctx context.Context, o model.PullOrder, pool pdx.Pool) (r model.Ordered, wanted []pdx.Deal, err error) {
	r.Goes = o.Deal == 0 && pool.Status == pdx.PoolOpen
	visit := func(d pdx.Deal) error {
		p, known, err := s.known(ctx, d.ID)
		switch {
		case err != nil:
			return err
		case known && !p.Erased.IsZero():
			p.Reason = erasedReason(p)
			r.Gone = append(r.Gone, p)
		case known && !p.Again && (p.Opened != nil || p.State == model.PullFinal):
			if s.isThere(ctx, o, p) {
				r.Present = append(r.Present, p)
			} else {
				wanted = append(wanted, d)
			}
		case known && p.State.Done(), d.State.Ended() && d.State != pdx.DealFinal: // nothing can be had of it
		default:
			r.Goes = true
		}
		return nil
	}
	if o.Deal == 0 {
		err = s.eachDeal(ctx, o.Pool, visit)
	} else {
		err = s.oneDeal(ctx, o, visit)
	}
	if err == nil && (r.Goes || len(wanted) > 0) {
		_, err = s.creationOf(ctx, pool.Key)
	}
	return r, wanted, err
}

func (s *Service) oneDeal(ctx context.Context, o model.PullOrder, visit func(pdx.Deal) error) error {
	d, err := s.ledger.Deal(ctx, o.Deal)
	switch {
	case err != nil:
		return err
	case d.Pool != o.Pool:
		return fmt.Errorf("%w: deal %v is of pool %v", pdx.ErrInvalid, o.Deal, d.Pool)
	}
	return visit(d)
}

// isThere reports whether the files of an opened dataset lie where an order wants them.
// Only an order by number wants those elsewhere that lie in another folder already.
func (s *Service) isThere(ctx context.Context, o model.PullOrder, p model.Pull) bool {
	path := s.pathOf(ctx, p)
	if _, err := os.Lstat(path); err != nil {
		return false
	}
	return o.Deal == 0 || filepath.Dir(path) == output.Path(o.Out, o.Deal)
}

// pathOf is where the files of an opened dataset were put: its manifest's, if its record
// was damaged and only that is known.
func (s *Service) pathOf(ctx context.Context, p model.Pull) string {
	if p.Opened != nil {
		return p.Opened.Path
	}
	order, err := s.orderFor(ctx, p.Pool, p.Deal)
	if err != nil {
		return ""
	}
	return filepath.Join(output.Path(order.Out, p.Deal), output.ManifestName)
}

// obtainable are those of the wanted deals that somebody here or elsewhere can be asked
// for. It puts the others with what is gone.
func (s *Service) obtainable(ctx context.Context, r *model.Ordered, wanted []pdx.Deal) (some []pdx.Deal, err error) {
	reached := map[string]bool{}
	for _, d := range wanted {
		_, here, err := s.blobs.Held(ctx, d.Dataset.Root)
		if err != nil && !errors.Is(err, pdx.ErrCorrupt) {
			return nil, err
		}
		if here || s.reachable(ctx, d, reached) {
			some = append(some, d)
			continue
		}
		p, _, err := s.known(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		p.Reason = s.goneReason(ctx, d, p, errUnreachable)
		r.Gone = append(r.Gone, p)
	}
	return some, nil
}

// beginAgain has deals pulled again.
func (s *Service) beginAgain(ctx context.Context, wanted []pdx.Deal) (again []pdx.DealID, err error) {
	for _, d := range wanted {
		p, _, err := s.known(ctx, d.ID)
		if err != nil {
			return again, err
		}
		p.Again = true
		if err := s.note(ctx, &p, model.PullPulling, ""); err != nil {
			return again, err
		}
		s.schedule.Add(d.ID, d.Pool)
		again = append(again, d.ID)
	}
	return again, nil
}

// reachable reports whether a machine can be reached that may have a deal's ciphertext.
// seen keeps the answers by who vouched for it.
func (s *Service) reachable(ctx context.Context, d pdx.Deal, seen map[string]bool) bool {
	who := vouched(d)
	key := fmt.Sprint(who)
	if found, ok := seen[key]; ok {
		return found
	}
	sources, err := s.finder.Sources(ctx, d)
	seen[key] = err == nil && len(holders(who, sources)) > 0
	return seen[key]
}

// awaitAgain waits a while until it is known what becomes of deals that are pulled again.
func (s *Service) awaitAgain(ctx context.Context, r *model.Ordered, again []pdx.DealID) error {
	if len(again) == 0 {
		return nil
	}
	waiting := map[pdx.DealID]bool{}
	for _, id := range again {
		waiting[id] = true
	}
	patience, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	for p := range s.feed.pulls.Watch(patience) {
		if !p.Again {
			delete(waiting, p.Deal)
		}
		if len(waiting) == 0 {
			break
		}
	}
	for _, id := range again {
		p, _, err := s.known(ctx, id)
		if err != nil {
			return err
		}
		if !p.Again && p.Reason != "" {
			r.Gone = append(r.Gone, p)
		} else {
			r.Again = append(r.Again, p)
		}
	}
	return ctx.Err()
}

// nothingDone is why an order does nothing although what it orders is not there.
func nothingDone(o model.PullOrder, r model.Ordered) error {
	elsewhere := slices.IndexFunc(r.Present, func(p model.Pull) bool {
		return p.Opened != nil && filepath.Dir(p.Opened.Path) != output.Path(o.Out, p.Deal)
	})
	switch {
	case r.Goes || len(r.Again) > 0:
		return nil
	case len(r.Gone) > 0 && !r.Gone[0].Erased.IsZero():
		return fmt.Errorf("%w: deal %v was %s", pdx.ErrWrongState, r.Gone[0].Deal, r.Gone[0].Reason)
	case len(r.Gone) > 0:
		return fmt.Errorf("%w: deal %v was %s", pdx.ErrUnavailable, r.Gone[0].Deal, r.Gone[0].Reason)
	case elsewhere >= 0:
		p := r.Present[elsewhere]
		return fmt.Errorf("%w: deal %v lies in %s: copy it, or pull it again with --deal %v", pdx.ErrWrongState, p.Deal, p.Opened.Path, p.Deal)
	case len(r.Present) == 0 && o.Deal != 0:
		return fmt.Errorf("%w: deal %v ended without a dataset: see 'pdx deal show %v'", pdx.ErrWrongState, o.Deal, o.Deal)
	case len(r.Present) == 0:
		return fmt.Errorf("%w: it has ended, and no dataset was bought in it", pdx.ErrWrongState)
	}
	return nil
}

// servedByNobody reports whether all who could have a ciphertext said that they do not
// serve it, so that asking again is of no use.
func servedByNobody(err error) bool {
	return !errors.Is(err, pdx.ErrUnavailable) && (errors.Is(err, pdx.ErrRefused) || errors.Is(err, pdx.ErrNotFound))
}

// giveUp ends a pull of an opened dataset that nobody serves any more.
func (s *Service) giveUp(ctx context.Context, deal pdx.Deal, p *model.Pull) (outcome, error) {
	p.Again, p.Held = false, 0
	why := s.goneReason(ctx, deal, *p, errUnkept)
	if deal.State != pdx.DealFinal {
		return waits, s.note(ctx, p, model.PullOpened, why)
	}
	shared, err := s.isShared(ctx, *p)
	if err == nil && !shared {
		err = s.blobs.Delete(ctx, p.Root)
	}
	if err != nil {
		return retries, err
	}
	if err := s.note(ctx, p, model.PullFinal, why); err != nil {
		return retries, err
	}
	s.hints.pool(p.Pool)
	return done, nil
}

var (
	errUnkept      = errors.New("its ciphertext is no longer kept by anybody")
	errUnreachable = errors.New("neither its seller nor a validator that may keep its ciphertext can be reached: try again later")
)

// goneReason says where the files of a dataset were, and why they cannot be had again.
func (s *Service) goneReason(ctx context.Context, d pdx.Deal, p model.Pull, why error) string {
	at := d.Entered(pdx.DealDelivered).Time
	if p.Opened != nil && !p.Opened.At.IsZero() {
		at = p.Opened.At
	}
	path, what := s.pathOf(ctx, p), "which is gone"
	if _, err := os.Lstat(path); err == nil {
		what = "and is there"
	}
	return fmt.Sprintf("delivered to %s on %s, %s; %v", path, at.Local().Format("2006-01-02 15:04 MST"), what, why)
}
