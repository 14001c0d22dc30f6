package ingest

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// slowStore is a Store whose batches take a while to commit, or fail.
type slowStore struct {
	blob.Store
	takes time.Duration
	err   error
}

type slowBatch struct {
	blob.Batch
	of *slowStore
}

func (s *slowStore) Batch(ctx context.Context) (blob.Batch, error) {
	b, err := s.Store.Batch(ctx)
	return slowBatch{b, s}, err
}

func (b slowBatch) Commit(ctx context.Context) error {
	time.Sleep(b.of.takes)
	if b.of.err != nil {
		return b.of.err
	}
	return b.Batch.Commit(ctx)
}

// batching puts blobs into batches of four in fake time.
func batching(t *testing.T, store *slowStore, scenario func(t *testing.T, b *Batches, saved func() int, failed func() []error)) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var saved int
		var failed []error
		store.Store = mem.New()
		l := DefaultLimits()
		l.BatchBlobs = 4
		scenario(t, NewBatches(BatchConfig{
			Store: store, Limits: l,
			Saved:  func(ids []pdx.ContentID) { mu.Lock(); defer mu.Unlock(); saved += len(ids) },
			Failed: func(err error) { mu.Lock(); defer mu.Unlock(); failed = append(failed, err) },
		}),
			func() int { synctest.Wait(); mu.Lock(); defer mu.Unlock(); return saved },
			func() []error { mu.Lock(); defer mu.Unlock(); return failed })
	})
}

func putAll(t *testing.T, b *Batches, all [][]byte) {
	t.Helper()
	for _, data := range all {
		require.NoError(t, b.Put(t.Context(), blobtest.Root(data), data))
	}
}

func TestOneBatchFillsWhileAnotherIsSaved(t *testing.T) {
	store, all := &slowStore{takes: time.Second}, blobtest.Smalls(11, 1)
	batching(t, store, func(t *testing.T, b *Batches, saved func() int, failed func() []error) {
		start := time.Now()
		putAll(t, b, all[:7])
		require.Zero(t, time.Since(start))
		putAll(t, b, all[7:8]) // the second batch is full
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, 4, saved())
		putAll(t, b, all[8:])
		require.NoError(t, b.Finish(t.Context()))
		require.Equal(t, 3*time.Second, time.Since(start))
		require.Equal(t, 11, saved())
		require.Empty(t, failed())
		blobtest.RequireSmall(t, store, all)
	})
}

func TestOldBatchIsSaved(t *testing.T) {
	all := blobtest.Smalls(2, 1)
	batching(t, &slowStore{}, func(t *testing.T, b *Batches, saved func() int, _ func() []error) {
		putAll(t, b, all[:1])
		time.Sleep(DefaultLimits().CheckpointTime + 1)
		require.Zero(t, saved())
		putAll(t, b, all[1:])
		require.Equal(t, 2, saved())
		require.NoError(t, b.Finish(t.Context()))
	})
}

// TestCancelledCallerSavesStill: what was verified is kept.
func TestCancelledCallerSavesStill(t *testing.T) {
	store, all := &slowStore{}, blobtest.Smalls(3, 1)
	batching(t, store, func(t *testing.T, b *Batches, saved func() int, _ func() []error) {
		ctx, cancel := context.WithCancel(t.Context())
		for _, data := range all {
			require.NoError(t, b.Put(ctx, blobtest.Root(data), data))
		}
		cancel()
		require.NoError(t, b.Finish(ctx))
		require.Equal(t, 3, saved())
		blobtest.RequireSmall(t, store, all)
	})
}

func TestFullDiskEndsBatches(t *testing.T) {
	all := blobtest.Smalls(9, 1)
	batching(t, &slowStore{err: blob.ErrNoSpace}, func(t *testing.T, b *Batches, saved func() int, failed func() []error) {
		putAll(t, b, all[:4])
		require.Zero(t, saved())
		require.Len(t, failed(), 1)
		require.ErrorIs(t, failed()[0], blob.ErrNoSpace)
		require.ErrorIs(t, b.Put(t.Context(), blobtest.Root(all[4]), all[4]), blob.ErrNoSpace)
		require.ErrorIs(t, b.Finish(t.Context()), blob.ErrNoSpace)
	})
}
