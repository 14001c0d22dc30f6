package mem

import (
	"bytes"
	"context"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// batch is a blob.Batch.
type batch struct {
	store *Store
	put   map[pdx.ContentID]*bytesOf
	bytes uint64
	done  bool
}

// Batch begins a batch of small blobs.
func (s *Store) Batch(ctx context.Context) (blob.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &batch{store: s, put: make(map[pdx.ContentID]*bytesOf)}, nil
}

func (b *batch) Put(id pdx.ContentID, data []byte) error {
	if b.done {
		return fmt.Errorf("put into batch: %w: committed or aborted", pdx.ErrWrongState)
	}
	if b.put[id] != nil {
		return nil
	}
	if err := blob.CheckSmall(len(data), len(b.put), b.bytes); err != nil {
		return fmt.Errorf("put into batch: %w", err)
	}
	b.put[id] = &bytesOf{id: id, data: bytes.Clone(data)}
	b.bytes += uint64(len(data))
	return nil
}

func (b *batch) Commit(ctx context.Context) error {
	if b.done {
		return fmt.Errorf("commit batch: %w: committed or aborted", pdx.ErrWrongState)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	b.done = true
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	for _, one := range b.put {
		b.store.keep(one)
	}
	return nil
}

func (b *batch) Abort() error {
	b.done = true
	return nil
}

// Small reads a whole small blob.
func (s *Store) Small(ctx context.Context, id pdx.ContentID, p []byte) ([]byte, error) {
	b, err := s.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return blob.ReadSmall(b, id, p)
}

// Missing is those of ids that are not whole here.
func (s *Store) Missing(ctx context.Context, ids []pdx.ContentID) (missing []pdx.ContentID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := make(map[pdx.ContentID]bool, len(ids))
	for _, id := range ids {
		if s.whole[id] == nil && !seen[id] {
			seen[id] = true
			missing = append(missing, id)
		}
	}
	return missing, nil
}
