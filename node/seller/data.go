package seller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/medibloc/pdx"
)

// Data is a file of this machine, or a folder of files, that its owner may sell. It
// stays where it is.
type Data struct {
	ID        string
	Name      string // unique
	Path      string // absolute
	MediaType string
	Size      uint64
	Modified  time.Time // of the file, or the latest of the folder's
	Hash      [32]byte  // BLAKE3; it never leaves this machine
	Facts     [32]byte  // of a folder: paths, sizes and times of its files, hashed
	Files     int       // how many a folder has
	Records   uint64
	Fields    []string // JSON pointers of the top-level fields seen, sorted
	Added     time.Time
}

func (d Data) isFolder() bool { return d.Files > 0 }

// Changed reports whether the file differs from what was added, by size and time; of
// a folder, whether any file does, came or went. What cannot be looked at has
// changed.
func (d Data) Changed() bool {
	if d.isFolder() {
		now, err := listFolder(d.Path)
		return err != nil || now.facts != d.Facts
	}
	info, err := os.Stat(d.Path)
	return err != nil || uint64(info.Size()) != d.Size || !info.ModTime().Equal(d.Modified)
}

// AddData registers a file, or a folder of files, reading it once, and shows now and
// then how many bytes were read, if show is not nil. name "" takes the file's,
// mediaType "" goes by its extension. A path that is registered is read again if the
// file changed; a name that another path has is pdx.ErrInvalid.
func (s *Service) AddData(ctx context.Context, path, name, mediaType string, show func(done, size uint64)) (Data, error) {
	d, err := s.addData(ctx, path, name, mediaType, show)
	if err != nil {
		return Data{}, fmt.Errorf("add data %s: %w", path, err)
	}
	return d, nil
}

func (s *Service) addData(ctx context.Context, path, name, mediaType string, show func(done, size uint64)) (Data, error) {
	if !filepath.IsAbs(path) {
		return Data{}, fmt.Errorf("%w: the path must be absolute", pdx.ErrInvalid)
	}
	path = filepath.Clean(path)
	s.orders.Lock()
	defer s.orders.Unlock()
	d, known, err := s.registered(ctx, path, name)
	if err != nil || known && !d.Changed() {
		return d, err
	}
	f, err := s.formatOf(path, mediaType, d.MediaType)
	if err != nil {
		return Data{}, err
	}
	was := d.Hash
	d.MediaType = f.MediaType()
	if err := survey(ctx, &d, f, show); err != nil {
		return Data{}, err
	}
	if known && d.Hash != was { // put back as it was, it may be in use
		if err := s.unused(ctx, d); err != nil {
			return Data{}, err
		}
	}
	d.Added = time.Now().UTC()
	return d, s.index.put(ctx, s.data, d)
}

// registered is the entry of that path, or a new one, under its name.
func (s *Service) registered(ctx context.Context, path, name string) (d Data, known bool, err error) {
	d, err = s.index.at(ctx, s.data, path)
	known = err == nil
	if errors.Is(err, pdx.ErrNotFound) {
		d, err = Data{ID: newID("d"), Path: path, Name: filepath.Base(path)}, nil
	}
	if err != nil {
		return Data{}, false, err
	}
	if name != "" && name != d.Name {
		if known {
			return Data{}, false, fmt.Errorf("%w: it is registered already, as %q", pdx.ErrInvalid, d.Name)
		}
		d.Name = name
	}
	switch other, err := s.index.find(ctx, s.data, d.Name); {
	case err != nil && !errors.Is(err, pdx.ErrNotFound):
		return Data{}, false, err
	case err == nil && other.ID != d.ID:
		return Data{}, false, fmt.Errorf("%w: there is other data by the name %q: choose a name", pdx.ErrInvalid, d.Name)
	}
	return d, known, nil
}

// ListData lists all data, by name.
func (s *Service) ListData(ctx context.Context) ([]Data, error) {
	all, err := s.data.All(ctx)
	slices.SortFunc(all, func(a, b Data) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// GetData is the data with that id or name, or pdx.ErrNotFound.
func (s *Service) GetData(ctx context.Context, idOrName string) (Data, error) {
	d, err := s.index.find(ctx, s.data, idOrName)
	if errors.Is(err, pdx.ErrNotFound) {
		return Data{}, fmt.Errorf("data %q: %w: add it first", idOrName, pdx.ErrNotFound)
	}
	return d, err
}

// RemoveData forgets data; the file stays. Data on sale is pdx.ErrWrongState.
func (s *Service) RemoveData(ctx context.Context, idOrName string) error {
	s.orders.Lock()
	defer s.orders.Unlock()
	d, err := s.GetData(ctx, idOrName)
	if err != nil {
		return err
	}
	if err := s.unused(ctx, d); err != nil {
		return fmt.Errorf("remove data %s: %w", d.Name, err)
	}
	return s.index.remove(ctx, s.data, d.ID)
}

// unused is pdx.ErrWrongState while a sale of the data is under way.
func (s *Service) unused(ctx context.Context, d Data) error {
	sales, err := s.sales.Find(ctx, "Data", d.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sales, Sale.live)
	if i < 0 {
		return nil
	}
	return fmt.Errorf("%w: sale %s in pool %v uses it and is %s", pdx.ErrWrongState, sales[i].ID, sales[i].Pool, sales[i].State)
}
