package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// verify reads a pulled blob back and checks every bit of it.
func verify(ctx context.Context, dir string, s source) error {
	store, err := fs.Open(dir)
	if err != nil {
		return err
	}
	defer store.Close()
	b, err := store.Open(ctx, s.root)
	if err != nil {
		return err
	}
	defer b.Close()
	if b.Size() != s.size {
		return fmt.Errorf("%w: %d bytes were pulled, not %d", pdx.ErrCorrupt, b.Size(), s.size)
	}
	return b.WriteSlice(io.Discard, bao.Range{Count: bao.Segments(s.size)})
}

// linked returns the source's store once more, with its bytes on disk only once: a
// store can be open in one process only.
func (b *bencher) linked(s source) (dir string, done func(), err error) {
	dir, done, err = b.scratch()
	if err != nil {
		return "", nil, err
	}
	from, to := filepath.Dir(s.file()), filepath.Join(dir, "blobs", s.root.String())
	if err := os.MkdirAll(to, 0o700); err != nil {
		done()
		return "", nil, err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		done()
		return "", nil, err
	}
	for _, f := range files {
		if err := os.Link(filepath.Join(from, f.Name()), filepath.Join(to, f.Name())); err != nil {
			done()
			return "", nil, err
		}
	}
	return dir, done, nil
}
