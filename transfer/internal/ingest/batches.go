package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// BatchConfig is what Batches works with. All fields are required.
type BatchConfig struct {
	Store  blob.Store
	Limits Limits
	Saved  func([]pdx.ContentID) // is told what is durable, of one batch after another
	Failed func(error)           // is told that a batch cannot be saved
}

// Batches puts small blobs into batches and commits one while the next one fills. It
// is safe for concurrent use.
type Batches struct {
	config BatchConfig
	saving chan struct{}  // holds a token while a batch is committed
	group  sync.WaitGroup // of commits

	mu    sync.Mutex // guards the batch that fills, and err
	batch blob.Batch // nil while it is empty
	ids   []pdx.ContentID
	bytes int
	since time.Time
	err   error
}

// NewBatches returns batches without blobs.
func NewBatches(c BatchConfig) *Batches { return &Batches{config: c, saving: make(chan struct{}, 1)} }

// Put adds a verified blob. It waits while both batches are full: this is where a disk
// that is slower than the network slows a pull down.
func (b *Batches) Put(ctx context.Context, id pdx.ContentID, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	if err := b.add(ctx, id, data); err != nil {
		b.err = fmt.Errorf("save blobs: %w", err)
		return b.err
	}
	l := b.config.Limits
	if b.bytes >= l.BatchBytes || len(b.ids) >= l.BatchBlobs || time.Since(b.since) > l.CheckpointTime {
		b.save(ctx)
	}
	return nil
}

// add adds a blob to the batch, which it begins if need be; b.mu is held.
func (b *Batches) add(ctx context.Context, id pdx.ContentID, data []byte) error {
	if b.batch == nil {
		batch, err := b.config.Store.Batch(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		b.batch, b.since = batch, time.Now()
	}
	if err := b.batch.Put(id, data); err != nil {
		return err
	}
	b.ids, b.bytes = append(b.ids, id), b.bytes+len(data)
	return nil
}

// save commits the batch, after the one before it; b.mu is held.
func (b *Batches) save(ctx context.Context) {
	batch, ids := b.batch, b.ids
	b.batch, b.ids, b.bytes = nil, nil, 0
	b.saving <- struct{}{}
	b.group.Go(func() {
		err := batch.Commit(context.WithoutCancel(ctx))
		if err == nil {
			b.config.Saved(ids)
		}
		<-b.saving
		if err != nil { // after the token, for which somebody who holds mu may wait
			b.fail(fmt.Errorf("save blobs: %w", errors.Join(err, batch.Abort())))
		}
	})
}

func (b *Batches) fail(err error) {
	b.config.Failed(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
}

// Finish saves what was put and waits for it. Nobody may put any more.
func (b *Batches) Finish(ctx context.Context) error {
	b.mu.Lock()
	if b.batch != nil {
		b.save(ctx)
	}
	b.mu.Unlock()
	b.group.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
