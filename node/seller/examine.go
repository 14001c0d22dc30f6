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
}

// examine projects data for a sale and checks the result. If the order says so, the records
// that break the criteria are left out, and the others are checked again: they decide about
// the dataset as a whole.
func (s *Service) examine(
	ctx context.Context, checker criteria.DatasetChecker, path string, d model.Data, sale model.Sale, w records.Meter,
) (e examined, err error) {
	sale.Left = nil
	if e.copied, err = s.project(ctx, path, d, sale, w); err != nil {
		return e, err
	}
	if e.all, e.left, err = check(ctx, checker, e.copied.Path, d, maxLeft, w); err != nil {
		return e, err
	}
	if e.report = e.all; !sale.SkipInvalid || len(e.left) == 0 {
		e.left = nil
		return e, nil
	}
	switch {
	case e.all.Broken > maxLeft:
		return e, fmt.Errorf("%w: %s break the criteria, and at most %d can be left out: fix the data",
			pdx.ErrInvalid, message.Count(e.all.Broken, "record"), maxLeft)
	case e.all.Broken >= e.all.Records:
		return e, fmt.Errorf("%w: every record breaks the criteria, so none would be left", pdx.ErrInvalid)
	}
	sale.Left = e.left
	if e.copied, err = s.project(ctx, path, d, sale, w); err != nil {
		return e, err
	}
	e.report, _, err = check(ctx, checker, e.copied.Path, d, 0, w)
	return e, err
}

// examineSale is examine for a sale under way. A sale whose records a validator would
// reject fails, and so does one of which other records would be left out than agreed to.
func (s *Service) examineSale(ctx context.Context, sale model.Sale, d model.Data) (e examined, failed bool, err error) {
	path := s.pathOf(sale, d)
	if sale.Unchecked {
		e.copied, err = s.project(ctx, path, d, sale, s.meter(sale.ID))
		return e, false, err
	}
	pool, err := s.ledger.Pool(ctx, sale.Pool)
	if err != nil {
		return e, false, err
	}
	doc, err := s.criteriaOf(ctx, pool)
	if err != nil {
		return e, false, err
	}
	checker, err := s.checker(ctx, pool, doc, sale.Fields)
	if err != nil {
		return e, false, err
	}
	defer checker.Close()
	if e, err = s.examine(ctx, checker, path, d, sale, s.meter(sale.ID)); err != nil {
		return e, false, err
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
