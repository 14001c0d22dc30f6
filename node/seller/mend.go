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

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/exchange/folder"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
)

// errGone: the ciphertext is gone, and nothing on this machine makes it again.
var errGone = fmt.Errorf("%w: the ciphertext is gone from this node's blobs, and no data here makes it again:"+
	" put the records that were disclosed back, or add the data that was sold, as it was then, with 'pdx data add'; the sale then resumes",
	pdx.ErrCorrupt)

// mend makes the ciphertext of a sale again if it is gone, out of whatever on this
// machine it was sealed from. It changes nothing if there is no such thing: the
// sale goes on as far as it can without, and shows what is missing.
func (w *worker) mend(ctx context.Context, sale model.Sale) (model.Sale, error) {
	s := w.service
	if !w.gone && !s.damaged.has(sale.ID) {
		return sale, nil
	}
	err := s.blobs.Check(ctx, sale.Dataset.Root)
	if !errors.Is(err, pdx.ErrNotFound) {
		w.gone = false
		return sale, nil // whatever is wrong is shown by servable
	}
	if sale, err = w.findRecords(ctx, sale); err == nil {
		err = s.sealAgain(ctx, sale)
	}
	if err != nil {
		if !errors.Is(err, pdx.ErrCorrupt) { // it passes, and says nothing about what was tried
			clear(w.tried)
		}
		return sale, err
	}
	w.gone = false
	s.log.InfoContext(ctx, "made a ciphertext again", slog.String("sale_id", sale.ID), slog.Uint64("deal_id", uint64(sale.Deal)))
	return sale, nil
}

// sealAgain makes the ciphertext of a sale out of its records, which are known to
// be what was sealed. What does not have the root of the first sealing is deleted.
func (s *Service) sealAgain(ctx context.Context, sale model.Sale) error {
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return err
	}
	defer leave()
	blob, err := s.newBlob(ctx, seal.PlaintextSize(sale.Dataset.Size))
	if err != nil {
		return err
	}
	return s.remake(ctx, sale, blob)
}

// remake writes the ciphertext of a sale into blob, which it commits or aborts.
func (s *Service) remake(ctx context.Context, sale model.Sale, blob BlobWriter) error {
	defer func() { _ = blob.Abort() }()
	key, err := s.datasetKey(ctx, *sale.Dataset)
	if err != nil {
		return err
	}
	plain, err := s.openSource(ctx, sale)
	if err != nil {
		return err
	}
	defer plain.Close()
	again, err := key.Remake(plain, *sale.Dataset)
	if err != nil {
		return err
	}
	in := io.NewSectionReader(again, 0, int64(sale.Dataset.Size))
	if _, err := io.CopyBuffer(blob, records.Until(ctx, in), make([]byte, 1<<20)); err != nil {
		return err
	}
	root, _, err := blob.Commit(ctx)
	if err != nil || root == sale.Dataset.Root {
		return err
	}
	return errors.Join(fmt.Errorf("%s: %w", sale.Disclosed, ErrSource), s.blobs.Delete(ctx, root))
}

// findRecords finds what a sale was sealed from: its disclosed records, another
// file in the folder of disclosed records, or registered data. errGone if none is it.
func (w *worker) findRecords(ctx context.Context, sale model.Sale) (model.Sale, error) {
	s := w.service
	if sale.Disclosed != "" {
		d, err := s.data.Get(ctx, sale.Data)
		if err != nil && !errors.Is(err, pdx.ErrNotFound) {
			return sale, err
		}
		if same, err := w.try(ctx, sale, sale.Disclosed, d); same || err != nil {
			return sale, err
		}
	}
	pool, err := s.ledger.Pool(ctx, sale.Pool)
	if err != nil {
		return sale, err
	}
	path, err := w.amongDisclosed(ctx, sale)
	if err != nil {
		return sale, err
	}
	if path != "" {
		return s.found(ctx, sale, records.Disclosed{Path: path}, "")
	}
	return w.amongData(ctx, sale, pool)
}

// found records what a sale was sealed from.
func (s *Service) found(ctx context.Context, sale model.Sale, copied records.Disclosed, data string) (model.Sale, error) {
	version, resources := sale.CriteriaVersion, sale.Resources
	change := func(sale *model.Sale) {
		sale.Disclosed, sale.DisclosedHash, sale.Records = copied.Path, copied.Hash, copied.Records
		sale.CriteriaVersion, sale.Resources = version, resources
		if data != "" {
			sale.Data = data
		}
	}
	change(&sale)
	return sale, s.change(ctx, sale.ID, change)
}

// amongDisclosed looks for a sale's records in the folder of disclosed records; ""
// if they are not there.
func (w *worker) amongDisclosed(ctx context.Context, sale model.Sale) (string, error) {
	entries, err := os.ReadDir(w.service.folder)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), records.TempPrefix) {
			continue
		}
		path := filepath.Join(w.service.folder, entry.Name())
		if same, err := w.try(ctx, sale, path, model.Data{}); same || err != nil {
			return path, err
		}
	}
	return "", nil
}

// try reports whether a sale was sealed from what lies at path. What was tried and
// has not changed is not read again.
func (w *worker) try(ctx context.Context, sale model.Sale, path string, d model.Data) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, nil
	}
	if !w.untried(path, info.ModTime().String()) {
		return false, nil
	}
	plain, err := records.Open(path, d)
	if err != nil {
		delete(w.tried, path)
		return false, nil // not readable now, so it does not serve a buyer now
	}
	defer plain.Close()
	same, err := w.service.isPlaintext(ctx, *sale.Dataset, plain)
	if errors.Is(err, ErrSource) || errors.Is(err, folder.ErrFormat) || errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return same, err
}

// untried reports whether something has not been tried in this state.
func (w *worker) untried(name, state string) bool {
	if w.tried[name] == state {
		return false
	}
	if w.tried == nil {
		w.tried = map[string]string{}
	}
	w.tried[name] = state
	return true
}

// amongData looks for registered data that projects to a sale's records.
func (w *worker) amongData(ctx context.Context, sale model.Sale, pool pdx.Pool) (model.Sale, error) {
	s := w.service
	sale, err := s.withResources(ctx, sale, pool)
	if err != nil {
		return sale, err
	}
	all, err := s.data.All(ctx)
	if err != nil {
		return sale, err
	}
	for _, d := range all {
		if d.MediaType != pool.MediaType || records.Changed(d) || !w.untried("data/"+d.ID, d.Added.String()) {
			continue
		}
		copied, by, err := s.projectsTo(ctx, sale, d)
		if err != nil {
			return sale, err
		}
		if by.CriteriaVersion != 0 {
			return s.found(ctx, by, copied, d.ID)
		}
	}
	return sale, errGone
}

// withResources gives a sale that was taken up from the chain the types of FHIR resources that
// it sold: the ledger does not have them, and the criteria do. Without the criteria the sale
// waits.
func (s *Service) withResources(ctx context.Context, sale model.Sale, pool pdx.Pool) (model.Sale, error) {
	f, err := s.formats.Get(pool.MediaType)
	if err != nil || !sale.Adopted || sale.Resources != nil {
		return sale, nil //nolint:nilerr // data of an unknown format are not sold
	}
	if _, splits := f.(format.Splitter); !splits {
		return sale, nil
	}
	doc, err := s.criteriaOf(ctx, pool)
	if err != nil {
		return sale, err
	}
	sale.Resources, err = s.resourcesOf(ctx, pool, doc, sale.Fields)
	return sale, err
}

// projectsTo discloses data as a sale did, and returns the sale with the version of the
// criteria by whose rules it was sealed from that, 0 if it was not. A sale that was taken
// up from the chain does not know its version, so each is tried; and it may be one of a
// program that did not leave out resources yet.
func (s *Service) projectsTo(ctx context.Context, sale model.Sale, d model.Data) (copied records.Disclosed, by model.Sale, err error) {
	versions := []int{sale.CriteriaVersion}
	if sale.CriteriaVersion == 0 {
		versions = []int{criteria.Version, 1}
	}
	resources := [][]string{sale.Resources}
	if sale.Adopted && sale.Resources != nil {
		resources = append(resources, nil)
	}
	for _, sale.CriteriaVersion = range versions {
		for _, sale.Resources = range resources {
			copied, same, err := s.projectsByVersion(ctx, sale, d)
			if same || err != nil {
				return copied, sale, err
			}
		}
	}
	sale.CriteriaVersion = 0
	return records.Disclosed{}, sale, nil
}

// projectsByVersion discloses data as a sale of a known version did, and reports
// whether the sale was sealed from that. If not, nothing stays.
func (s *Service) projectsByVersion(ctx context.Context, sale model.Sale, d model.Data) (records.Disclosed, bool, error) {
	leave, err := s.enterHeavy(ctx)
	if err != nil {
		return records.Disclosed{}, false, err
	}
	defer leave()
	path := s.pathOf(sale, d)
	copied, err := s.project(ctx, path, d, sale, s.meter(sale.ID))
	if errors.Is(err, records.ErrChanged) || errors.Is(err, pdx.ErrInvalid) {
		return records.Disclosed{}, false, nil // data that cannot be read like this was not sold like this
	}
	if err != nil {
		return records.Disclosed{}, false, err
	}
	plain, err := records.Open(copied.Path, d)
	if err != nil {
		return records.Disclosed{}, false, err
	}
	defer plain.Close()
	same, err := s.isPlaintext(ctx, *sale.Dataset, plain)
	if !same && copied.Path == path {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return copied, same, err
}
