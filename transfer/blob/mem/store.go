package mem

import (
	"context"
	"errors"
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

// Store is a blob.Store in memory.
type Store struct {
	mu    sync.Mutex
	whole map[pdx.ContentID]*bytesOf
	parts map[pdx.ContentID]*part
	trees map[pdx.ContentID]*treeOf

	origin blob.Origin
}

var _ blob.Store = (*Store)(nil)

// New is an empty store.
func New(opts ...Option) *Store {
	s := &Store{
		whole: make(map[pdx.ContentID]*bytesOf), parts: make(map[pdx.ContentID]*part), trees: make(map[pdx.ContentID]*treeOf),
		origin: blob.NoOrigin,
	}
	for _, opt := range opts {
		opt(s)
	}
	return s
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
func (s *Store) Create(ctx context.Context) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &writer{store: s, bytes: new(bytesOf)}
	w.builder = bao.NewBuilder(&w.bytes.tree)
	return w, nil
}

// Open is a whole blob.
func (s *Store) Open(ctx context.Context, id pdx.ContentID) (blob.Blob, error) {
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

// Stat tells what is held of a blob.
func (s *Store) Stat(ctx context.Context, id pdx.ContentID) (blob.Info, error) {
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
	if p, ok := s.parts[id]; ok {
		return p.info(), nil
	}
	return blob.Info{}, fmt.Errorf("blob %v: %w", id, pdx.ErrNotFound)
}

// Delete forgets a blob.
func (s *Store) Delete(ctx context.Context, id pdx.ContentID) error {
	if _, err := s.Stat(ctx, id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.parts[id]; ok && p.open != nil {
		return fmt.Errorf("delete blob %v: %w", id, blob.ErrBusy)
	}
	delete(s.whole, id)
	delete(s.parts, id)
	delete(s.trees, id)
	return nil
}

// DeleteMany forgets blobs.
func (s *Store) DeleteMany(ctx context.Context, ids []pdx.ContentID) (failed error) {
	for _, id := range ids {
		if err := s.Delete(ctx, id); err != nil && !errors.Is(err, pdx.ErrNotFound) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// List yields every blob.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
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

func (s *Store) infos() (all []blob.Info) {
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
	for id, p := range s.parts {
		if s.whole[id] == nil && s.trees[id] == nil {
			all = append(all, p.info())
		}
	}
	return all
}
