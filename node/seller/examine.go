package seller

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// examined is what a sale discloses, checked as a validator would.
type examined struct {
	copied records.Disclosed
	all    criteria.Report // of all records
	report criteria.Report // of those that are disclosed
	left   []uint64        // records that are left out
	sealed *sealed         // nil: it is sealed from the copy
}

// examine projects data for a sale and checks the result. If the order says so, the records
// that break the criteria are left out, and the others are checked again: they decide about
// the dataset as a whole. After an error nothing is left to abort.
func (s *Service) examine(
	ctx context.Context, checker criteria.DatasetChecker, path string, d model.Data, sale model.Sale, w records.Meter,
) (examined, error) {
	sale.Left = nil
	all, err := s.pass(ctx, checker, path, d, sale, maxLeft, w)
	if err != nil {
		return all, err
	}
	if all.all = all.report; !sale.SkipInvalid || len(all.left) == 0 {
		all.left = nil
		return all, nil
	}
	all.sealed.abort()
	all.sealed = nil
	switch {
	case all.all.Broken > maxLeft:
		return all, fmt.Errorf("%w: %s break the criteria, and at most %d can be left out: fix the data",
			pdx.ErrInvalid, message.Count(all.all.Broken, "record"), maxLeft)
	case all.all.Broken >= all.all.Records:
		return all, fmt.Errorf("%w: every record breaks the criteria, so none would be left", pdx.ErrInvalid)
	}
	sale.Left = all.left
	e, err := s.pass(ctx, checker, path, d, sale, 0, w)
	e.all, e.left = all.all, all.left
	return e, err
}

// examineSale is examine for a sale under way, unless its preview was just that. A sale
// whose records a validator would reject fails, and so does one of which other records would
// be left out than agreed to.
func (s *Service) examineSale(ctx context.Context, sale model.Sale, d model.Data) (e examined, failed bool, err error) {
	path := s.pathOf(sale, d)
	if sale.Unchecked {
		e, err = s.unchecked(ctx, path, d, sale)
		return e, false, err
	}
	if e, err = s.examinedBefore(path, d, sale); err != nil {
		return e, false, err
	}
	if e.copied.Path == "" {
		if e, err = s.examineNow(ctx, path, d, sale); err != nil {
			return e, false, err
		}
	}
	reason := ""
	switch left := uint64(len(e.left)); {
	case left != sale.Skipped:
		reason = fmt.Sprintf("the records that break the criteria are %d, and it was agreed to leave out %d; nothing was offered",
			left, sale.Skipped)
	case !e.report.OK():
		reason = fmt.Sprintf("the records break the pool's criteria in %s; nothing was offered", message.Count(e.report.Total, "place"))
	default:
		return e, false, nil
	}
	return e, true, s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason, sale.Settled = model.SaleFailed, reason, true
		sale.Disclosed, sale.Findings = e.copied.Path, e.report.Findings
	})
}

// examineNow is examine against the criteria of a sale's pool.
func (s *Service) examineNow(ctx context.Context, path string, d model.Data, sale model.Sale) (examined, error) {
	pool, err := s.ledger.Pool(ctx, sale.Pool)
	if err != nil {
		return examined{}, err
	}
	doc, err := s.criteriaOf(ctx, pool)
	if err != nil {
		return examined{}, err
	}
	checker, err := s.checker(ctx, pool, doc, sale.Fields)
	if err != nil {
		return examined{}, err
	}
	defer checker.Close()
	return s.examine(ctx, checker, path, d, sale, s.meter(sale.ID))
}
