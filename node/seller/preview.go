package seller

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// Preview reads, projects and checks the data as a sale would and changes
// nothing; what it made is kept for a while, for the sale of just that. Terms need not be
// agreed to yet. Now and then it shows how far it is, if report is not nil: in which stage, and
// how many of its bytes are read.
func (s *Service) Preview(ctx context.Context, o model.Order, report func(pdx.Progress)) (model.Preview, error) {
	preview, err := s.preview(ctx, o, records.NewMeter(report))
	if err != nil {
		return model.Preview{}, fmt.Errorf("preview of %s in pool %v: %w", o.Data, o.Pool, err)
	}
	return preview, nil
}

func (s *Service) preview(ctx context.Context, o model.Order, w records.Meter) (model.Preview, error) {
	p, err := s.plan(ctx, o)
	if err != nil {
		return model.Preview{}, err
	}
	preview := model.Preview{
		Pool: p.pool, Fields: p.sale.Fields, Validators: p.sale.Validators, Deposit: p.sale.MaxDeposit, Price: p.pool.Price,
		Withheld: p.withheld(), Notes: p.data.Notes,
	}
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return model.Preview{}, err
	}
	defer leave()
	if err := durable.MkdirAll(s.folder); err != nil {
		return model.Preview{}, err
	}
	dir, err := os.MkdirTemp(s.folder, records.TempPrefix)
	if err != nil {
		return model.Preview{}, err
	}
	made, keep := &prepared{of: disclosingOf(p.sale, p.data), dir: dir}, false
	defer func() { s.sealed.prepare(made, keep) }()
	checker, err := s.checker(ctx, p.pool, p.doc, p.sale.Fields)
	if err != nil {
		return model.Preview{}, err
	}
	defer checker.Close()
	e, err := s.examine(ctx, checker, filepath.Join(dir, "records"), p.data, p.sale, w)
	if err != nil {
		return model.Preview{}, err
	}
	made.found = e
	preview.Records, preview.Findings, preview.Total = e.copied.Records, e.report.Findings, e.report.Total
	preview.Broken, preview.ByRule, preview.Skipped = e.all.Broken, e.all.ByRule, uint64(len(e.left))
	first, err := firstOf(ctx, checker, e.copied.Path, p.data, maxSample, 1)
	if err != nil {
		return model.Preview{}, err
	}
	if len(first) > 0 {
		preview.Sample = first[0]
	}
	preview.Samples, err = firstOf(ctx, checker, e.copied.Path, p.data, maxShortSample, maxSamples)
	if err != nil {
		return model.Preview{}, err
	}
	keep = e.report.OK()
	return preview, nil
}

// firstOf are the first n records of what was disclosed, up to one of more than limit bytes.
func firstOf(
	ctx context.Context, checker criteria.DatasetChecker, path string, d model.Data, limit uint64, n int,
) ([][]byte, error) {
	plain, err := records.Open(path, d)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	return checker.First(ctx, format.Source{ReaderAt: plain, Size: int64(plain.Size)}, limit, n)
}
