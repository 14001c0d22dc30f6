package ingest

import (
	"context"
	"sync"
	"time"

	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/transfer/blob"
)

// saver checkpoints a Partial while others put into it. They are held up only when
// more is not yet durable than a crash may cost.
type saver struct {
	part  blob.Partial
	every uint64        // bytes that are due for a checkpoint
	most  uint64        // bytes that may wait for one
	idle  time.Duration // after which fewer bytes are due too

	mu      sync.Mutex // guards pending and ended
	less    *sync.Cond // pending became less, or the saver ended
	pending uint64     // bytes that are not durable
	ended   bool

	wake notify.Signal
	done chan struct{}
}

func newSaver(l Limits, part blob.Partial, size uint64) *saver {
	every := l.checkpointEvery(size)
	s := &saver{
		part: part, every: every, most: 2 * every, idle: l.CheckpointTime,
		wake: notify.New(), done: make(chan struct{}),
	}
	s.less = sync.NewCond(&s.mu)
	return s
}

// start runs until stop; failed is told of a checkpoint that failed.
func (s *saver) start(failed func(error)) {
	go func() {
		defer close(s.done)
		ticker := time.NewTicker(s.idle)
		defer ticker.Stop()
		for s.next(ticker.C) {
			if err := s.save(); err != nil {
				failed(err)
				s.end()
			}
		}
	}()
}

// next waits until a checkpoint is due; false at the end.
func (s *saver) next(tick <-chan time.Time) bool {
	select {
	case <-s.wake:
	case <-tick:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended
}

func (s *saver) save() error {
	s.mu.Lock()
	n := s.pending
	s.mu.Unlock()
	if n == 0 {
		return nil
	}
	err := s.part.Checkpoint(context.Background()) // not half a checkpoint because the caller has gone
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending -= n
	s.less.Broadcast()
	return err
}

// add counts n bytes that were put, and waits while too much is not durable.
func (s *saver) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending += uint64(n)
	if s.pending >= s.every {
		s.wake.Set()
	}
	for s.pending >= s.most && !s.ended {
		s.wake.Set()
		s.less.Wait()
	}
}

func (s *saver) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.less.Broadcast()
}

// stop ends the saver and waits for a checkpoint under way.
func (s *saver) stop() {
	s.end()
	s.wake.Set()
	<-s.done
}
