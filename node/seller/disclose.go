package seller

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// oneCopy reports whether plaintext of this size is served from the one copy
// that there is, and not from a second, sealed one.
func (s *Service) oneCopy(size uint64) bool { return s.oneCopyFrom > 0 && size >= s.oneCopyFrom }

// project discloses data, as a sale does, in a private file or folder at path.
func (s *Service) project(ctx context.Context, path string, d model.Data, sale model.Sale, w records.Meter) (records.Disclosed, error) {
	p, err := s.projection(d, sale, w)
	if err != nil {
		return records.Disclosed{}, err
	}
	return p.Write(ctx, path)
}

// projection is what a sale discloses of data.
func (s *Service) projection(d model.Data, sale model.Sale, w records.Meter) (records.Projection, error) {
	f, err := s.formats.Get(d.MediaType)
	return records.Projection{
		Data: d, Format: f, By: s.engine, Keep: disclosureOf(sale), OneCopy: s.oneCopy(d.Size), Meter: w,
	}, err
}

// disclose is the step from Projecting to Sealing.
func (s *Service) disclose(ctx context.Context, sale model.Sale) (time.Duration, error) {
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	data, err := s.data.Get(ctx, sale.Data)
	if err != nil {
		return 0, err
	}
	e, failed, err := s.examineSale(ctx, sale, data)
	if failed || err != nil {
		e.sealed.abort()
		return 0, err
	}
	err = s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason, sale.Left = model.SaleSealing, "", e.left
		sale.Disclosed, sale.DisclosedHash, sale.Records = e.copied.Path, e.copied.Hash, e.copied.Records
		sale.Nonce = e.sealed.nonceOr(sale.Nonce)
	})
	if err != nil {
		e.sealed.abort()
		return 0, err
	}
	s.sealed.keep(sale.ID, e.sealed)
	return 0, nil
}

// pathOf is where the disclosed part of data lies for a sale.
func (s *Service) pathOf(sale model.Sale, d model.Data) string {
	return filepath.Join(s.folder, sale.ID) + s.endingOf(d)
}

// enterHeavy waits for its turn at what takes a core; leave ends it.
func (s *Service) enterHeavy(ctx context.Context) (leave func(), err error) {
	select {
	case s.heavy <- struct{}{}:
		return func() { <-s.heavy }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// movedHere has the records of a sale lie in this home, if they lay in one: a home
// that was restored may lie elsewhere than the one in which they were disclosed. If
// that cannot be written now, the next start tries again.
func (s *Service) movedHere(ctx context.Context, sale model.Sale) model.Sale {
	was := sale.Disclosed
	if sale = s.located(sale); sale.Disclosed == was {
		return sale
	}
	if err := s.sales.Put(ctx, sale.ID, sale); err != nil {
		s.log.WarnContext(ctx, "cannot record where the records of a sale lie now", slog.String("sale_id", sale.ID), slog.Any("error", err))
	}
	return sale
}

// located is a sale with the path that its records have in this home. Registered data
// stays where it is.
func (s *Service) located(sale model.Sale) model.Sale {
	name := filepath.Base(sale.Disclosed)
	if sale.Disclosed != "" && strings.TrimSuffix(name, filepath.Ext(name)) == sale.ID {
		sale.Disclosed = filepath.Join(s.folder, name)
	}
	return sale
}
