package fs

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// writer is a blob.Writer.
type writer struct {
	store      *Store
	dir        string
	parent     string // where it goes when it is whole
	data, tree file   // data is nil when only the tree is kept
	builder    *bao.Builder
	done       bool // takes no more

	committed, aborted bool
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
	data, tree, err := createFiles(s.disk, dir)
	if err != nil {
		_ = s.disk.RemoveAll(dir)
		return nil, fail("create blob", err)
	}
	return &writer{store: s, dir: dir, parent: wholeDir, data: data, tree: tree, builder: bao.NewBuilder(tree)}, nil
}

func (w *writer) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("write blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	n, err := len(p), error(nil)
	if w.data != nil {
		n, err = w.data.Write(p)
	}
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
	w.done = true // whatever happens now: what was not synced once is lost
	f := files{facts: facts{id, size, bao.FullBitmap(bao.Segments(size))}, dir: w.dir, data: w.data, tree: w.tree}
	if err := f.sync(); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	if err := writeFacts(w.store.disk, w.dir, f.facts); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	keep := w.store.adopt
	if w.data == nil {
		keep = w.store.adoptTree
	}
	if err := keep(w.dir, id); err != nil {
		return blob.Info{}, fail("commit blob", err)
	}
	w.committed = true
	f.close()
	return f.wholeInfo(), nil
}

func (w *writer) Abort() error {
	if w.committed || w.aborted {
		return nil
	}
	w.done, w.aborted = true, true
	(&files{data: w.data, tree: w.tree}).close()
	return fail("abort blob", w.store.forget(w.dir, w.parent))
}
