package seller

import (
	"context"
	"io"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// pass reads data once: it hashes them, projects them for a sale, checks and seals what is
// disclosed, and writes the private copy. The report has the numbers of the first records
// that break the criteria, most of them at the most.
//
// What a format reads backward is checked from the copy, and so is a folder, whose stream
// begins with the sizes of all its files; they are sealed from the copy as well.
func (s *Service) pass(
	ctx context.Context, checker criteria.DatasetChecker, path string, d model.Data, sale model.Sale, most int, w records.Meter,
) (e examined, err error) {
	p, err := s.projection(d, sale, w)
	if err != nil {
		return e, err
	}
	if !format.Flows(p.Format) {
		if e.copied, err = p.Write(ctx, path); err != nil {
			return e, err
		}
		e.report, e.left, err = check(ctx, checker, e.copied.Path, d, most, w)
		return e, err
	}
	by := &checkedProjector{checker: checker, most: most}
	p.By = by
	if e, err = s.sealing(ctx, p, path); err != nil {
		return e, err
	}
	e.report, e.left = by.done.Report, by.done.Broken
	return e, nil
}

// unchecked is pass without the check.
func (s *Service) unchecked(ctx context.Context, path string, d model.Data, sale model.Sale) (e examined, err error) {
	p, err := s.projection(d, sale, s.meter(sale.ID))
	if err != nil {
		return e, err
	}
	if !format.Flows(p.Format) {
		e.copied, err = p.Write(ctx, path)
		return e, err
	}
	return s.sealing(ctx, p, path)
}

// sealing writes a projection and seals it at the same time, if it is worth that.
func (s *Service) sealing(ctx context.Context, p records.Projection, path string) (e examined, err error) {
	if e.sealed, err = s.beginSealing(ctx, p.Data.Size); err != nil {
		return e, err
	}
	if e.sealed != nil {
		p.Also = e.sealed
	}
	if e.copied, err = p.Write(ctx, path); err == nil {
		err = e.sealed.finish(e.copied.Hash)
	}
	if err != nil {
		e.sealed.abort()
		e.sealed = nil
	}
	return e, err
}

// checkedProjector checks what it projects.
type checkedProjector struct {
	checker criteria.DatasetChecker
	most    int
	done    criteria.Projected
}

// Project implements records.Projector. The format is that of the criteria.
func (c *checkedProjector) Project(
	ctx context.Context, dst io.Writer, src format.Source, _ format.File, d criteria.Disclosure,
) (format.Projection, error) {
	var err error
	c.done, err = c.checker.CheckProjection(ctx, dst, src, d, c.most)
	return c.done.Written, err
}
