package seller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// changed reports whether the file differs from what was added, by size and time; of
// a folder, whether any file does, came or went. What cannot be looked at has
// changed.
func changed(d model.Data) bool {
	if d.IsFolder() {
		now, err := listFolder(d.Path)
		return err != nil || now.facts != d.Facts
	}
	info, err := os.Stat(d.Path)
	return err != nil || uint64(info.Size()) != d.Size || !info.ModTime().Equal(d.Modified)
}

// AddData registers a file, or a folder of files, reading it once, and shows now and
// then how many bytes were read, if report is not nil. name "" takes the file's,
// mediaType "" goes by its extension. A path that is registered is read again if the
// file changed; a name that another path has is pdx.ErrInvalid.
func (s *Service) AddData(ctx context.Context, path, name, mediaType string, report func(pdx.Progress)) (model.Data, error) {
	d, err := s.addData(ctx, path, name, mediaType, report)
	if err != nil {
		return model.Data{}, fmt.Errorf("add data %s: %w", path, err)
	}
	return d, nil
}

func (s *Service) addData(ctx context.Context, path, name, mediaType string, report func(pdx.Progress)) (model.Data, error) {
	if !filepath.IsAbs(path) {
		return model.Data{}, fmt.Errorf("%w: the path must be absolute", pdx.ErrInvalid)
	}
	path = filepath.Clean(path)
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	d, known, err := s.registered(ctx, path, name)
	if err != nil || known && !s.changed(d) {
		return d, err
	}
	if s.damaged.hasData(d.ID) {
		defer s.workers.wakeAll() // the sale that waits for it is among them
	}
	f, err := s.formatOf(path, mediaType, d.MediaType)
	if err != nil {
		return model.Data{}, err
	}
	was := d.Hash
	d.MediaType = f.MediaType()
	if err := survey(ctx, &d, f, report); err != nil {
		return model.Data{}, err
	}
	if known && d.Hash != was { // put back as it was, it may be in use
		if err := s.unused(ctx, d); err != nil {
			return model.Data{}, err
		}
	}
	d.Added = time.Now().UTC()
	return d, s.index.put(ctx, s.data, d)
}

// registered is the entry of that path, or a new one, under its name.
func (s *Service) registered(ctx context.Context, path, name string) (d model.Data, known bool, err error) {
	d, err = s.index.at(ctx, s.data, path)
	known = err == nil
	if errors.Is(err, pdx.ErrNotFound) {
		d, err = model.Data{ID: newID("d"), Path: path, Name: filepath.Base(path)}, nil
	}
	if err != nil {
		return model.Data{}, false, err
	}
	if name != "" && name != d.Name {
		if known {
			return model.Data{}, false, fmt.Errorf("%w: it is registered already, as %q", pdx.ErrInvalid, d.Name)
		}
		d.Name = name
	}
	switch other, err := s.index.find(ctx, s.data, d.Name); {
	case err != nil && !errors.Is(err, pdx.ErrNotFound):
		return model.Data{}, false, err
	case err == nil && other.ID != d.ID:
		return model.Data{}, false, fmt.Errorf("%w: there is other data by the name %q: choose a name", pdx.ErrInvalid, d.Name)
	}
	return d, known, nil
}

// ListData lists all data, by name.
func (s *Service) ListData(ctx context.Context) ([]model.Data, error) {
	all, err := s.data.All(ctx)
	for i := range all {
		all[i].Changed = s.changed(all[i])
	}
	slices.SortFunc(all, func(a, b model.Data) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// GetData is the data with that id or name, or pdx.ErrNotFound.
func (s *Service) GetData(ctx context.Context, idOrName string) (model.Data, error) {
	d, err := s.findData(ctx, idOrName)
	d.Changed = err == nil && s.changed(d)
	return d, err
}

// findData is GetData without a look at the file.
func (s *Service) findData(ctx context.Context, idOrName string) (model.Data, error) {
	d, err := s.index.find(ctx, s.data, idOrName)
	if errors.Is(err, pdx.ErrNotFound) {
		return model.Data{}, fmt.Errorf("data %q: %w: add it first", idOrName, pdx.ErrNotFound)
	}
	return d, err
}

// RemoveData forgets data; the file stays. Data on sale is pdx.ErrWrongState.
func (s *Service) RemoveData(ctx context.Context, idOrName string) error {
	s.ordersMu.Lock()
	defer s.ordersMu.Unlock()
	d, err := s.findData(ctx, idOrName)
	if err != nil {
		return err
	}
	if err := s.unused(ctx, d); err != nil {
		return fmt.Errorf("remove data %s: %w", d.Name, err)
	}
	return s.index.remove(ctx, s.data, d.ID)
}

// unused is pdx.ErrWrongState while a sale of the data is under way.
func (s *Service) unused(ctx context.Context, d model.Data) error {
	sales, err := s.sales.Find(ctx, "Data", d.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sales, live)
	if i < 0 {
		return nil
	}
	return fmt.Errorf("%w: sale %s in pool %v uses it and is %s", pdx.ErrWrongState, sales[i].ID, sales[i].Pool, sales[i].State)
}

// dataIndex finds data by what people call it, so that no order reads the whole
// table. Whoever asks first fills it.
type dataIndex struct {
	mu    sync.Mutex
	known map[string]called // by id; nil until it is filled
	names map[string]string // ids by name
	paths map[string]string // ids by path
}

type called struct{ name, path string }

// fill reads the table once. The caller holds mu.
func (x *dataIndex) fill(ctx context.Context, table Table[model.Data]) error {
	if x.known != nil {
		return nil
	}
	all, err := table.All(ctx)
	if err != nil {
		return err
	}
	x.known, x.names, x.paths = map[string]called{}, map[string]string{}, map[string]string{}
	for _, d := range all {
		x.set(d)
	}
	return nil
}

func (x *dataIndex) set(d model.Data) {
	x.known[d.ID] = called{d.Name, d.Path}
	x.names[d.Name], x.paths[d.Path] = d.ID, d.ID
}

// put writes data down.
func (x *dataIndex) put(ctx context.Context, table Table[model.Data], d model.Data) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return err
	}
	if err := table.Put(ctx, d.ID, d); err != nil {
		return err
	}
	x.set(d)
	return nil
}

func (x *dataIndex) remove(ctx context.Context, table Table[model.Data], id string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return err
	}
	if err := table.Delete(ctx, id); err != nil {
		return err
	}
	x.forget(id)
	return nil
}

// find is the data that answers to an id or a name, or pdx.ErrNotFound.
func (x *dataIndex) find(ctx context.Context, table Table[model.Data], idOrName string) (model.Data, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return model.Data{}, err
	}
	id := x.names[idOrName]
	if _, ok := x.known[idOrName]; ok {
		id = idOrName
	}
	if id == "" {
		return model.Data{}, pdx.ErrNotFound
	}
	return x.get(ctx, table, id)
}

// at is the data of a path, or pdx.ErrNotFound.
func (x *dataIndex) at(ctx context.Context, table Table[model.Data], path string) (model.Data, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.fill(ctx, table); err != nil {
		return model.Data{}, err
	}
	if id := x.paths[path]; id != "" {
		return x.get(ctx, table, id)
	}
	return model.Data{}, pdx.ErrNotFound
}

// get reads a row. One that is damaged or was set aside is not there: its name and
// path are free again. The caller holds mu.
func (x *dataIndex) get(ctx context.Context, table Table[model.Data], id string) (model.Data, error) {
	d, err := table.Get(ctx, id)
	if errors.Is(err, pdx.ErrCorrupt) || errors.Is(err, pdx.ErrNotFound) {
		x.forget(id)
		return model.Data{}, pdx.ErrNotFound
	}
	return d, err
}

func (x *dataIndex) forget(id string) {
	was := x.known[id]
	delete(x.known, id)
	if x.names[was.name] == id {
		delete(x.names, was.name)
	}
	if x.paths[was.path] == id {
		delete(x.paths, was.path)
	}
}
