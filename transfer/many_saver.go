package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// batchSaver puts small blobs into batches and commits one while the next is
// filled.
type batchSaver struct {
	store  blob.Store
	limits limits
	saved  func([]pdx.ContentID) // is told what is durable, of one batch after another
	failed func(error)           // is told when something cannot be saved

	saving chan struct{} // a token for the commit under way
	group  sync.WaitGroup

	mu    sync.Mutex
	batch blob.Batch
	ids   []pdx.ContentID // of batch
	bytes int
	since time.Time
	err   error
}

func newBatchSaver(c *Client, saved func([]pdx.ContentID), failed func(error)) *batchSaver {
	return &batchSaver{store: c.store, limits: c.limits, saved: saved, failed: failed, saving: make(chan struct{}, 1)}
}

// put adds a blob, which was verified. It waits while both batches are full: this
// is where a disk that is slower than the path holds the path back.
func (s *batchSaver) put(ctx context.Context, id pdx.ContentID, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.batch == nil {
		batch, err := s.store.Batch(context.WithoutCancel(ctx))
		if err != nil {
			s.err = fmt.Errorf("save blobs: %w", err)
			return s.err
		}
		s.batch, s.since = batch, time.Now()
	}
	if err := s.batch.Put(id, data); err != nil {
		s.err = fmt.Errorf("save blobs: %w", err)
		return s.err
	}
	s.ids, s.bytes = append(s.ids, id), s.bytes+len(data)
	if s.bytes >= s.limits.saveBytes || len(s.ids) >= s.limits.saveBlobs || time.Since(s.since) > s.limits.checkpointTime {
		s.save(ctx)
	}
	return nil
}

// save commits the batch, after the one before it; s.mu is held.
func (s *batchSaver) save(ctx context.Context) {
	batch, ids := s.batch, s.ids
	s.batch, s.ids, s.bytes = nil, nil, 0
	s.saving <- struct{}{}
	s.group.Go(func() {
		err := batch.Commit(context.WithoutCancel(ctx))
		if err == nil {
			s.saved(ids)
		}
		<-s.saving
		if err != nil { // now, for who holds mu may have waited for the token
			s.fail(fmt.Errorf("save blobs: %w", errors.Join(err, batch.Abort())))
		}
	})
}

func (s *batchSaver) fail(err error) {
	s.failed(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// finish saves what was put and waits for it. Nobody may put any more.
func (s *batchSaver) finish(ctx context.Context) error {
	s.mu.Lock()
	if s.batch != nil {
		s.save(ctx)
	}
	s.mu.Unlock()
	s.group.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
