package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// Open is a whole blob.
func (s *Store) Open(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.openWhole(id)
	if err == nil {
		return opened{f, s.verified.of(f, time.Now())}, nil
	}
	b, treeErr := s.openVerified(ctx, id)
	if errors.Is(treeErr, pdx.ErrNotFound) {
		treeErr = err // of the blob that has its bytes
	}
	if treeErr != nil {
		return nil, fmt.Errorf("open blob %v: %w", id, treeErr)
	}
	return b, nil
}

// openWhole opens the files of a whole blob, if its facts say that it is whole,
// or its part of a pack.
func (s *Store) openWhole(id pdx.ContentID) (*files, error) {
	packed, packedErr := s.openPacked(id)
	if packedErr == nil {
		return packed, nil
	}
	f, err := s.openFiles(s.wholePath(id), id)
	if err == nil && !f.held.Complete() {
		f.close()
		return nil, fmt.Errorf("%w: not whole", pdx.ErrCorrupt)
	}
	if errors.Is(err, pdx.ErrNotFound) {
		err = packedErr
	}
	return f, err
}

// opened is a blob.Blob.
type opened struct {
	files    *files
	verified *verifiedBlob
}

func (o opened) ReadAt(p []byte, off int64) (int, error) { return o.files.data.ReadAt(p, off) }
func (o opened) Size() uint64                            { return o.files.size }

func (o opened) WriteSlice(w io.Writer, run bao.Range) error {
	f := o.files
	err := bao.WriteKnown(w, f.id, f.size, namedErrors{f.tree}, namedErrors{f.data}, run, o.verified)
	if errors.Is(err, io.ErrUnexpectedEOF) { // a file shrank since it was opened
		return fmt.Errorf("%w: %w", pdx.ErrCorrupt, err)
	}
	return err
}

// namedErrors names the errors of a file.
type namedErrors struct{ io.ReaderAt }

// ReadAt implements io.ReaderAt.
func (r namedErrors) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fail("read blob", err)
	}
	return n, err
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
	f, err := s.openWhole(id)
	whole := err == nil
	if !whole {
		if tree, treeErr := s.openTree(id); treeErr == nil {
			f, err, whole = tree, nil, true
		}
	}
	if errors.Is(err, pdx.ErrNotFound) {
		f, err = s.openFiles(s.partialPath(id), id)
	}
	if err != nil {
		return blob.Info{ID: id}, fmt.Errorf("blob %v: %w", id, err)
	}
	f.close()
	if whole {
		return f.wholeInfo(), nil
	}
	return f.info(), nil
}

// List yields every blob.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		packed, err := s.packed()
		if err != nil {
			yield(blob.Info{}, fail("list blobs", err))
			return
		}
		ids, err := s.ids()
		if err != nil {
			yield(blob.Info{}, fail("list blobs", err))
			return
		}
		for id := range packed {
			delete(ids, id)
		}
		for id, size := range packed {
			if here, err := s.packs.has(id); err == nil && !here {
				continue // deleted meanwhile
			}
			if !yield(blob.Info{ID: id, Size: size, Held: size, Complete: true}, nil) || ctx.Err() != nil {
				return
			}
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

// ids are the names of all blobs that have a directory; files that somebody else
// put there are left out.
func (s *Store) ids() (map[pdx.ContentID]bool, error) {
	ids := make(map[pdx.ContentID]bool)
	for _, sub := range []string{wholeDir, treesDir, partialDir} {
		names, err := s.namesIn(sub)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if id, err := pdx.ParseContentID(name); err == nil {
				ids[id] = true
			}
		}
	}
	return ids, nil
}

// packed are the blobs that came in batches, and their sizes. A pack that cannot
// tell what is in it any more is left out.
func (s *Store) packed() (map[pdx.ContentID]uint64, error) {
	s.packs.mu.RLock()
	defer s.packs.mu.RUnlock()
	sizes := make(map[pdx.ContentID]uint64)
	for _, p := range s.packs.all {
		entries, err := p.entries()
		if errors.Is(err, pdx.ErrCorrupt) {
			s.damaged(p.dir, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			sizes[e.id] = uint64(e.size)
		}
	}
	return sizes, nil
}
