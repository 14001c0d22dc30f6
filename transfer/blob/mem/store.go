package mem

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// MaxSize bounds a blob in memory, 1 GiB; a larger one is blob.ErrNoSpace.
const MaxSize = 1 << 30

// store is a blob.Backend in memory that takes blobs in pieces and keeps trees; the
// other abilities are the fall-backs.
type store struct {
	mu       sync.Mutex
	whole    map[pdx.ContentID]*bytesOf
	partials map[pdx.ContentID]*part
	trees    map[pdx.ContentID]*treeOf

	origin blob.Origin
}

var (
	_ blob.Puller     = (*store)(nil)
	_ blob.TreeKeeper = (*store)(nil)
)

// New returns an empty store.
func New(opts ...Option) blob.Store {
	s := &store{
		whole: make(map[pdx.ContentID]*bytesOf), partials: make(map[pdx.ContentID]*part), trees: make(map[pdx.ContentID]*treeOf),
		origin: blob.NoOrigin,
	}
	for _, opt := range opts {
		opt(s)
	}
	whole, err := blob.Complete(s, nil)
	if err != nil {
		panic(err) // only a backend that is no Puller can be refused
	}
	return whole
}

// bytesOf is a blob and its tree. Whole ones never change.
type bytesOf struct {
	id         pdx.ContentID
	data, tree buffer
}

func (b *bytesOf) info() blob.Info {
	n := uint64(len(b.data))
	return blob.Info{ID: b.id, Size: n, Held: n, Complete: true}
}

// Create begins a blob.
func (s *store) Create(ctx context.Context) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &writer{store: s, bytes: new(bytesOf)}
	w.builder = bao.NewBuilder(&w.bytes.tree)
	return w, nil
}

// Open opens a whole blob.
func (s *store) Open(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	whole, tree := s.whole[id], s.trees[id]
	s.mu.Unlock()
	switch {
	case whole != nil:
		return opened{whole}, nil
	case tree != nil:
		return s.openTree(ctx, tree)
	}
	return nil, fmt.Errorf("open blob %v: %w", id, pdx.ErrNotFound)
}

// Stat returns what is held of a blob.
func (s *store) Stat(ctx context.Context, id pdx.ContentID) (blob.Info, error) {
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.whole[id]; ok {
		return b.info(), nil
	}
	if t, ok := s.trees[id]; ok {
		return t.info(), nil
	}
	if p, ok := s.partials[id]; ok {
		return p.info(), nil
	}
	return blob.Info{}, fmt.Errorf("blob %v: %w", id, pdx.ErrNotFound)
}

// Delete deletes a blob.
func (s *store) Delete(ctx context.Context, id pdx.ContentID) error {
	if _, err := s.Stat(ctx, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.partials[id]; ok && p.open != nil {
		return fmt.Errorf("delete blob %v: %w", id, blob.ErrBusy)
	}
	delete(s.whole, id)
	delete(s.partials, id)
	delete(s.trees, id)
	return nil
}

// List yields every blob.
func (s *store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for _, info := range s.infos() {
			if err := ctx.Err(); err != nil {
				yield(blob.Info{}, err)
				return
			}
			if !yield(info, nil) {
				return
			}
		}
	}
}

// Close does nothing.
func (s *store) Close() error { return nil }

func (s *store) infos() (all []blob.Info) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b := range maps.Values(s.whole) {
		all = append(all, b.info())
	}
	for id, t := range s.trees {
		if s.whole[id] == nil {
			all = append(all, t.info())
		}
	}
	for id, p := range s.partials {
		if s.whole[id] == nil && s.trees[id] == nil {
			all = append(all, p.info())
		}
	}
	return all
}
