package ingest

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/transfer/blob"
)

func TestCheckpointEvery(t *testing.T) {
	l := DefaultLimits()
	for size, want := range map[uint64]uint64{0: 2 << 20, 1 << 20: 2 << 20, 1 << 30: (1 << 30) / 200, 1 << 40: 16 << 20} {
		require.Equal(t, want, l.checkpointEvery(size))
	}
}

// slowPart is a Partial whose checkpoints take a while.
type slowPart struct {
	blob.Partial
	takes time.Duration
	done  atomic.Int64
	err   error
}

func (p *slowPart) Checkpoint(context.Context) error {
	time.Sleep(p.takes)
	p.done.Add(1)
	return p.err
}

// saving runs a saver of 100 bytes a checkpoint in fake time.
func saving(t *testing.T, part *slowPart, scenario func(s *saver, failed *atomic.Int64)) {
	synctest.Test(t, func(t *testing.T) {
		l := DefaultLimits()
		l.CheckpointMin, l.CheckpointMax = 100, 100
		s, failed := newSaver(l, part, 1), &atomic.Int64{}
		s.start(func(error) { failed.Add(1) })
		scenario(s, failed)
		s.stop()
	})
}

func TestNobodyWaitsForACheckpoint(t *testing.T) {
	part := &slowPart{takes: time.Second}
	saving(t, part, func(s *saver, _ *atomic.Int64) {
		start := time.Now()
		s.add(100)
		synctest.Wait()
		s.add(99)
		require.Zero(t, time.Since(start))
		s.add(1) // as much again as is being saved
		require.Equal(t, time.Second, time.Since(start))
		time.Sleep(time.Minute)
		require.EqualValues(t, 2, part.done.Load(), "and the rest, and no more")
	})
}

func TestLittleIsSavedAfterAWhile(t *testing.T) {
	part := &slowPart{}
	saving(t, part, func(s *saver, _ *atomic.Int64) {
		s.add(1)
		time.Sleep(s.idle - 1)
		require.Zero(t, part.done.Load())
		time.Sleep(2 * time.Nanosecond)
		require.EqualValues(t, 1, part.done.Load())
	})
}

func TestFailedCheckpointHoldsNobodyUp(t *testing.T) {
	part := &slowPart{takes: time.Second, err: errTest}
	saving(t, part, func(s *saver, failed *atomic.Int64) {
		for range 10 {
			s.add(1000)
		}
		require.EqualValues(t, 1, failed.Load())
		require.EqualValues(t, 1, part.done.Load())
	})
}
