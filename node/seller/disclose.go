package seller

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/model"
)

// tempPrefix begins the names of files and folders that are of no use after a
// crash; Start removes them.
const tempPrefix = ".unfinished-"

// disclosed is a file, or a folder, of projected records.
type disclosed struct {
	path    string
	hash    [32]byte
	records uint64
}

// writeDisclosed projects data into a private file at path, whole or not at all.
// Data that is large enough and disclosed to the last byte is not copied: what is
// disclosed then is the registered file.
func (s *Service) writeDisclosed(ctx context.Context, path string, d model.Data, keep criteria.Disclosure, w meter) (disclosed, error) {
	f, err := s.formats.Get(d.MediaType)
	if err != nil {
		return disclosed{}, err
	}
	if folder, ok := f.(format.Folder); ok {
		return s.discloseFolder(ctx, path, d, folder, keep, w)
	}
	return s.discloseFile(ctx, path, d, f.(format.File), keep, w)
}

func (s *Service) discloseFile(
	ctx context.Context, path string, d model.Data, f format.File, keep criteria.Disclosure, w meter,
) (disclosed, error) {
	var original *os.File
	if s.oneCopy(d.Size) {
		file, _, err := openRegular(d.Path)
		if err != nil {
			return disclosed{}, err
		}
		defer file.Close()
		original = file
	}
	out, err := newCopying(filepath.Dir(path), original, d.Size)
	if err != nil {
		return disclosed{}, err
	}
	defer out.abandon()
	hash := blake3.New()
	records, err := project(ctx, io.MultiWriter(out, hash), d, f, keep, w)
	if err != nil {
		return disclosed{}, err
	}
	at, err := out.finish(path, durable.Rename)
	if err != nil {
		return disclosed{}, err
	}
	return disclosed{path: at, hash: [32]byte(hash.Sum(nil)), records: records}, nil
}

// oneCopy reports whether plaintext of this size is served from the one copy
// that there is, and not from a second, sealed one.
func (s *Service) oneCopy(size uint64) bool { return s.oneCopyFrom > 0 && size >= s.oneCopyFrom }

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
	copied, err := s.writeDisclosed(ctx, s.pathOf(sale, data), data, disclosureOf(sale), s.meter(sale.ID))
	if err != nil {
		return 0, err
	}
	if !sale.Unchecked {
		failed, err := s.checkDisclosed(ctx, sale, data, copied.path)
		if failed || err != nil {
			return 0, err
		}
	}
	return 0, s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason = model.SaleSealing, ""
		sale.Disclosed, sale.DisclosedHash, sale.Records = copied.path, copied.hash, copied.records
	})
}

// checkDisclosed fails the sale if a validator would reject it.
func (s *Service) checkDisclosed(ctx context.Context, sale model.Sale, data model.Data, path string) (failed bool, err error) {
	pool, err := s.ledger.Pool(ctx, sale.Pool)
	if err != nil {
		return false, err
	}
	doc, err := s.criteriaOf(ctx, pool)
	if err != nil {
		return false, err
	}
	report, err := s.check(ctx, pool, doc, sale.Fields, path, data, s.meter(sale.ID))
	if err != nil || report.OK() {
		return false, err
	}
	reason := fmt.Sprintf("the records break the pool's criteria in %s; nothing was offered", message.Count(report.Total, "place"))
	return true, s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason, sale.Settled = model.SaleFailed, reason, true
		sale.Disclosed, sale.Findings = path, report.Findings
	})
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

// sweepFolder removes what a crash left half-written.
func sweepFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tempPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}
