package seller

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// criteriaOf fetches and verifies the criteria document of a pool.
func (s *Service) criteriaOf(ctx context.Context, pool pdx.Pool) (*criteria.Document, error) {
	raw, err := s.document(ctx, pool, pool.Criteria, criteria.MaxDocumentBytes)
	if err != nil {
		return nil, fmt.Errorf("criteria of pool %v: %w", pool.ID, err)
	}
	return criteria.Parse(raw)
}

// document is the bytes with this CID. Others than were asked for are no answer,
// so another try may help.
func (s *Service) document(ctx context.Context, pool pdx.Pool, id pdx.ContentID, limit int) ([]byte, error) {
	raw, err := s.documents.Document(ctx, pool, id, limit)
	if err != nil {
		return nil, err
	}
	if criteria.IDOf(raw) != id {
		return nil, fmt.Errorf("document %v: %w: something else was sent", id, pdx.ErrUnavailable)
	}
	return raw, nil
}

// checker is what a validator would check disclosed fields with. Close it after use.
func (s *Service) checker(ctx context.Context, pool pdx.Pool, doc *criteria.Document, fields []string) (criteria.DatasetChecker, error) {
	schemas := func(id pdx.ContentID) ([]byte, error) {
		return s.document(ctx, pool, id, criteria.MaxSchemaBytes)
	}
	return s.engine.Checker(ctx, doc, schemas, fields)
}

// check checks what was disclosed of data, at path, as a validator would. It also returns the
// numbers of the first records that break the criteria, most of them at the most.
func check(
	ctx context.Context, checker criteria.DatasetChecker, path string, d model.Data, most int, w records.Meter,
) (criteria.Report, []uint64, error) {
	plain, err := records.Open(path, d)
	if err != nil {
		return criteria.Report{}, nil, err
	}
	defer plain.Close()
	source := w(pdx.StageChecking, plain.Size).Source(plain, int64(plain.Size))
	report, broken, err := checker.CheckBroken(ctx, source, most, nil)
	if errors.Is(err, ErrSource) {
		err = records.Stale(d)
	}
	return report, broken, err
}
