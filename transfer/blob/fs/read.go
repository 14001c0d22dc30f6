package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/content"
)

// Open is a whole blob.
func (s *Store) Open(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := openFiles(s.wholePath(id), id)
	if err != nil {
		return nil, fmt.Errorf("open blob %v: %w", id, err)
	}
	if !f.held.Complete() {
		f.close()
		return nil, fmt.Errorf("open blob %v: %w: not whole", id, pdx.ErrCorrupt)
	}
	return opened{f}, nil
}

// opened is a blob.Blob.
type opened struct{ files *files }

func (o opened) ReadAt(p []byte, off int64) (int, error) { return o.files.data.ReadAt(p, off) }
func (o opened) Size() uint64                            { return o.files.size }

func (o opened) WriteSlice(w io.Writer, run content.Range) error {
	f := o.files
	err := content.WriteSlice(w, f.id, f.size, f.tree, f.data, run)
	if errors.Is(err, io.ErrUnexpectedEOF) { // a file shrank since it was opened
		return fmt.Errorf("%w: %w", pdx.ErrCorrupt, err)
	}
	return err
}

func (o opened) Close() error {
	return errors.Join(o.files.data.Close(), o.files.tree.Close())
}

// Stat tells what is held of a blob.
func (s *Store) Stat(ctx context.Context, id pdx.ContentID) (blob.Info, error) {
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	s.mu.Lock() // a blob is on its way from partial to whole for a moment
	defer s.mu.Unlock()
	info, err := stat(s.wholePath(id), id)
	info.Complete = err == nil
	if errors.Is(err, pdx.ErrNotFound) {
		info, err = stat(s.partialPath(id), id)
	}
	if err != nil {
		return blob.Info{ID: id}, fmt.Errorf("blob %v: %w", id, err)
	}
	return info, nil
}

// stat checks the sizes of the files too.
func stat(dir string, id pdx.ContentID) (blob.Info, error) {
	f, err := openFiles(dir, id)
	if err != nil {
		return blob.Info{}, err
	}
	f.close()
	return f.info(), nil
}

// List yields every blob.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		ids, err := s.ids()
		if err != nil {
			yield(blob.Info{}, fail("list blobs", err))
			return
		}
		for id := range ids {
			info, err := s.Stat(ctx, id)
			if errors.Is(err, pdx.ErrNotFound) {
				continue // deleted meanwhile
			}
			if !yield(info, err) || ctx.Err() != nil {
				return
			}
		}
	}
}

// ids are the names of all blobs; files that somebody else put there are left out.
func (s *Store) ids() (map[pdx.ContentID]bool, error) {
	ids := make(map[pdx.ContentID]bool)
	for _, sub := range []string{wholeDir, partialDir} {
		entries, err := os.ReadDir(filepath.Join(s.dir, sub))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if id, err := pdx.ParseContentID(e.Name()); err == nil {
				ids[id] = true
			}
		}
	}
	return ids, nil
}

// Delete forgets a blob.
func (s *Store) Delete(ctx context.Context, id pdx.ContentID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[id] {
		return fmt.Errorf("delete blob %v: %w", id, blob.ErrBusy)
	}
	found := false
	for _, dir := range []string{s.wholePath(id), s.partialPath(id)} {
		if !exists(dir) {
			continue
		}
		found = true
		if err := s.discard(dir); err != nil {
			return fail("delete blob", err)
		}
	}
	if !found {
		return fmt.Errorf("delete blob %v: %w", id, pdx.ErrNotFound)
	}
	return nil
}
