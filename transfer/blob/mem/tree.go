package mem

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// Option adjusts a store.
type Option func(*store)

// WithOrigin gives the bytes of blobs that were made by CreateTree.
func WithOrigin(o blob.Origin) Option { return func(s *store) { s.origin = o } }

// treeOf is a blob whose bytes lie elsewhere.
type treeOf struct {
	id   pdx.ContentID
	size uint64
	tree buffer
}

func (t *treeOf) info() blob.Info {
	return blob.Info{ID: t.id, Size: t.size, Complete: true, TreeOnly: true}
}

// CreateTree begins a blob of which only the tree is kept.
func (s *store) CreateTree(ctx context.Context) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := new(treeOf)
	return &treeWriter{store: s, tree: t, builder: bao.NewBuilder(&t.tree)}, nil
}

// treeWriter is a blob.Writer.
type treeWriter struct {
	store   *store
	builder *bao.Builder
	tree    *treeOf
	done    bool
}

func (w *treeWriter) Write(p []byte) (int, error) {
	if w.done {
		return 0, fmt.Errorf("write blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	return w.builder.Write(p)
}

func (w *treeWriter) Commit(ctx context.Context) (info blob.Info, err error) {
	if w.done {
		return blob.Info{}, fmt.Errorf("commit blob: %w: committed or aborted", pdx.ErrWrongState)
	}
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	if w.tree.id, w.tree.size, err = w.builder.Finish(); err != nil {
		return blob.Info{}, fmt.Errorf("commit blob: %w", err)
	}
	w.done = true
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.trees[w.tree.id] = w.tree
	return w.tree.info(), nil
}

func (w *treeWriter) Abort() error {
	w.done = true
	return nil
}

// openTree is a blob made of a tree here and of the origin's bytes.
func (s *store) openTree(ctx context.Context, t *treeOf) (blob.Blob, error) {
	data, err := s.origin.Bytes(ctx, t.id)
	if errors.Is(err, pdx.ErrNotFound) { // the blob is there; its bytes are not
		err = fmt.Errorf("%w: %v", blob.ErrOrigin, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %v: %w", t.id, err)
	}
	return blob.Verified{ID: t.id, Bytes: t.size, Tree: t.tree, Data: data}, nil
}
