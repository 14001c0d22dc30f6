package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

// source is a store with one blob of random bytes.
type source struct {
	store string
	plain string // the file that the blob is sealed from, if the store has only the tree
	root  pdx.ContentID
	size  uint64
}

// file returns the blob as a plain file.
func (s source) file() string { return filepath.Join(s.store, "blobs", s.root.String(), "data") }

// age makes the files of a new blob older than the moments in which a store would
// not trust their times.
func (s source) age() error {
	made := time.Now().Add(-time.Hour)
	tree := filepath.Join(filepath.Dir(s.file()), "tree")
	return errors.Join(os.Chtimes(s.file(), made, made), os.Chtimes(tree, made, made))
}

// source makes a blob of that size, or finds it made.
func (b *bencher) source(ctx context.Context, size uint64) (source, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("source-%d", size))
	store, err := fs.Open(dir)
	if err != nil {
		return source{}, err
	}
	defer store.Close()
	for info, err := range store.List(ctx) {
		if err == nil && info.Complete {
			return source{store: dir, root: info.ID, size: info.Size}, nil
		}
	}
	info, err := fill(ctx, store, size)
	if err != nil {
		return source{}, err
	}
	s := source{store: dir, root: info.ID, size: size}
	return s, s.age()
}

func fill(ctx context.Context, store blob.Store, size uint64) (blob.Info, error) {
	w, err := store.Create(ctx)
	if err != nil {
		return blob.Info{}, err
	}
	defer w.Abort() //nolint:errcheck // after a commit it does nothing, before one the error is another's
	noise := rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), byte(size >> 16), byte(size >> 24)})
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, io.LimitReader(noise, int64(size)), make([]byte, chunk)); err != nil {
		return blob.Info{}, err
	}
	return w.Commit(ctx)
}

// scratch returns a new folder for one puller.
func (b *bencher) scratch() (dir string, done func(), err error) {
	dir, err = os.MkdirTemp(b.dir, "pull-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
