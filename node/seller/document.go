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

// check checks what was disclosed of data, at path, as a validator would.
func (s *Service) check(
	ctx context.Context, pool pdx.Pool, doc *criteria.Document, fields []string, path string, d model.Data, w records.Meter,
	opts ...criteria.Option,
) (criteria.Report, error) {
	schemas := func(id pdx.ContentID) ([]byte, error) {
		return s.document(ctx, pool, id, criteria.MaxSchemaBytes)
	}
	checker, err := criteria.NewChecker(doc, schemas, append(opts, criteria.WithFields(fields), criteria.WithFormats(s.formats))...)
	if err != nil {
		return criteria.Report{}, err
	}
	plain, err := records.Open(path, d)
	if err != nil {
		return criteria.Report{}, err
	}
	defer plain.Close()
	report, err := checker.Check(ctx, w(pdx.StageChecking, plain.Size).Source(plain, int64(plain.Size)), nil)
	if errors.Is(err, ErrSource) {
		err = records.Stale(d)
	}
	return report, err
}
