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
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/packed"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/seller/internal/records"
	"github.com/medibloc/pdx/node/store"
)

// AddData registers a file, or a folder of files, reading it once, and shows now and
// then how many bytes were read, if report is not nil. name "" takes the file's,
// mediaType "" goes by its extension. A path that is registered is read again if the
// file changed or the media type is another one. A name that another path has is
// pdx.ErrInvalid, and so is data without a record.
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
	retyped := known && mediaType != "" && mediaType != d.MediaType
	if err != nil || known && !retyped && !s.changed(d) {
		return d, err
	}
	if s.damaged.hasData(d.ID) {
		defer s.workers.wakeAll() // the sale that waits for it is among them
	}
	f, err := s.formatOf(path, mediaType, d.MediaType)
	if err != nil {
		return model.Data{}, err
	}
	if retyped {
		if err := s.unused(ctx, d); err != nil {
			return model.Data{}, fmt.Errorf("media type %s instead of %s: %w", mediaType, d.MediaType, err)
		}
	}
	was := d.Hash
	d.MediaType = f.MediaType()
	if err = records.Survey(ctx, s.engine, &d, f, report); err != nil {
		return model.Data{}, err
	}
	if known && d.Hash != was { // put back as it was, it may be in use
		if err := s.unused(ctx, d); err != nil {
			return model.Data{}, err
		}
	}
	d.Added = time.Now().UTC()
	return d, s.data.Put(ctx, d.ID, d)
}

// formatOf finds the format of what lies at path: that of the media type that was
// given, or was before, or by its name.
func (s *Service) formatOf(path, given, before string) (format.Format, error) {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return nil, fmt.Errorf("%w: there is no such file", pdx.ErrNotFound)
	case err != nil:
		return nil, err
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: neither a file nor a folder", pdx.ErrInvalid)
	}
	if mediaType := cmp.Or(given, before); mediaType != "" {
		f, err := s.formats.Get(mediaType)
		if err != nil {
			return nil, err
		}
		_, folder := f.(format.Folder)
		switch {
		case folder == info.IsDir():
			return f, nil
		case given != "" && folder:
			return nil, fmt.Errorf("%w: %s is the media type of folders, and this is a file: leave the media type out", pdx.ErrInvalid, given)
		case given != "":
			return nil, fmt.Errorf("%w: this is a folder, and its files have media types of their own: leave the media type out", pdx.ErrInvalid)
		}
	}
	if info.IsDir() {
		return s.formats.ForFolder(func(name string) bool {
			_, err := os.Lstat(filepath.Join(path, name))
			return err == nil
		})
	}
	f, err := s.formats.ForFile(packed.Name(path))
	if err != nil {
		return nil, fmt.Errorf("%w, or give the media type", err)
	}
	return s.recognized(path, f)
}

// recognized is the format of a file that is f by its name, after a look at its content.
func (s *Service) recognized(path string, f format.File) (format.Format, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	plain, done, err := packed.Open(f, format.Source{ReaderAt: file, Size: info.Size()})
	if err != nil {
		return nil, err
	}
	defer done()
	head, err := format.Head(plain)
	if err != nil {
		return nil, err
	}
	return s.formats.ForContent(f, head), nil
}

// registered is the entry of that path, or a new one, under its name.
func (s *Service) registered(ctx context.Context, path, name string) (d model.Data, known bool, err error) {
	d, err = s.dataBy(ctx, "Path", path)
	known = err == nil
	if errors.Is(err, pdx.ErrNotFound) {
		d, err = model.Data{ID: newID("d"), Path: path, Name: filepath.Base(path)}, nil
	}
	if err != nil {
		return model.Data{}, false, err
	}
	if name != "" && name != d.Name {
		if known {
			return model.Data{}, false, fmt.Errorf("%w: it is registered already, as %q: to change the name,"+
				" first unregister it with `pdx data rm %q`", pdx.ErrInvalid, d.Name, d.Name)
		}
		d.Name = name
	}
	switch other, err := s.named(ctx, d.Name); {
	case err != nil && !errors.Is(err, pdx.ErrNotFound):
		return model.Data{}, false, err
	case err == nil && other.ID != d.ID:
		return model.Data{}, false, fmt.Errorf("%w: the name %q is already in use: pass --name", pdx.ErrInvalid, d.Name)
	}
	return d, known, nil
}

// ListData lists a page of the data, by name, and the cursor of the next page, "" at the
// end.
func (s *Service) ListData(ctx context.Context, p model.Page) (list []model.Data, next string, err error) {
	list, next, err = s.data.Page(ctx, store.Query{Field: "Name", Limit: p.Limit, Reverse: p.Reverse}, p.Cursor)
	for i := range list {
		list[i].Changed = s.changed(list[i])
	}
	return list, next, err
}

// GetData is the data with that id or name, or pdx.ErrNotFound.
func (s *Service) GetData(ctx context.Context, idOrName string) (model.Data, error) {
	d, err := s.findData(ctx, idOrName)
	d.Changed = err == nil && s.changed(d)
	return d, err
}

// findData is GetData without a look at the file.
func (s *Service) findData(ctx context.Context, idOrName string) (model.Data, error) {
	d, err := s.named(ctx, idOrName)
	if errors.Is(err, pdx.ErrNotFound) {
		return model.Data{}, fmt.Errorf("no data named %q: %w: `pdx data list` shows what is registered, `pdx data add` registers more", idOrName,
			pdx.ErrNotFound)
	}
	return d, err
}

// named is the data that has an id, or else a name, or pdx.ErrNotFound. A row that is
// damaged is not there: its name and path are free again.
func (s *Service) named(ctx context.Context, idOrName string) (model.Data, error) {
	d, err := s.data.Get(ctx, idOrName)
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) {
		return s.dataBy(ctx, "Name", idOrName)
	}
	return d, err
}

// dataBy is the data whose indexed field has a value, or pdx.ErrNotFound.
func (s *Service) dataBy(ctx context.Context, field, value string) (model.Data, error) {
	found, err := s.data.Find(ctx, field, value)
	if err == nil && len(found) == 0 {
		err = pdx.ErrNotFound
	}
	if err != nil {
		return model.Data{}, err
	}
	return found[0], nil
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
	return s.data.Delete(ctx, d.ID)
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
	return fmt.Errorf("%w: a sale into pool %v uses it and is %s: wait until it has ended (`pdx sales`)", pdx.ErrWrongState,
		sales[i].Pool, sales[i].State)
}
