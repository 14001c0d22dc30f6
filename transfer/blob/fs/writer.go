package fs

import (
	"context"
	"fmt"
	"os"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/content"
)

// writer is a blob.Writer.
type writer struct {
	store      *Store
	dir        string
	data, tree *os.File
	builder    *content.Builder
	done       bool
}

// Create begins a blob under a temporary name.
func (s *Store) Create(ctx context.Context) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := s.temp()
	if err != nil {
		return nil, fail("create blob", err)
	}
	data, tree, err := createFiles(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fail("create blob", err)
	}
	return &writer{store: s, dir: dir, data: data, tree: tree, builder: content.NewBuilder(tree)}, nil
}

func (w *writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("write blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	n, err := w.data.Write(p)
	if _, treeErr := w.builder.Write(p[:n]); err == nil {
		err = treeErr
	}
	return n, fail("write blob", err)
}

func (w *writer) Commit(ctx context.Context) (blob.Info, error) {
	if w.done {
		return blob.Info{}, fmt.Errorf("commit blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	id, size, err := w.builder.Finish()
	if err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	f := files{facts: facts{id, size, content.FullBitmap(content.Segments(size))}, dir: w.dir, data: w.data, tree: w.tree}
	if err := f.sync(); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	if err := writeFacts(w.dir, f.facts); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if err := w.store.adopt(w.dir, id); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	f.close()
	w.done = true
	info := f.info()
	info.Complete = true
	return info, nil
}

func (w *writer) Abort() error {
	if w.done {
		return nil
	}
	w.done = true
	_ = w.data.Close()
	_ = w.tree.Close()
	return fail("abort blob", os.RemoveAll(w.dir))
}
