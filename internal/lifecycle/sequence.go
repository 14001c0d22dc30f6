// Package lifecycle starts and stops what runs in a program. A [Sequence] starts the
// parts of a program in order and stops them in the reverse order; a [Group] runs the
// goroutines of one service from its Start to its Stop; [Sleep] is how they pause.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// stopTimeout bounds the stop of one part. A part resumes its work at the next start,
// so interrupting it loses nothing.
const stopTimeout = 5 * time.Second

// part is something that is started and stopped.
type part struct {
	name  string
	start func(context.Context) error
	stop  func(context.Context) error
}

// A Sequence of parts is started in the order in which the parts were added. The zero value has none.
// Its methods must not be called concurrently.
type Sequence struct {
	list    []part
	running int
}

// Add adds a part. Start starts it, and Stop stops it if it was started.
func (s *Sequence) Add(name string, start, stop func(context.Context) error) {
	s.list = append(s.list, part{name, start, stop})
}

// Loop adds a part that is one goroutine, which runs until its context ends.
func (s *Sequence) Loop(name string, run func(context.Context)) {
	var cancel context.CancelFunc
	done := make(chan struct{})
	s.Add(name, func(ctx context.Context) error {
		ctx, cancel = context.WithCancel(context.WithoutCancel(ctx))
		go func() { defer close(done); run(ctx) }()
		return nil
	}, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// Start starts all parts. If one fails, Start stops those that were started before it.
func (s *Sequence) Start(ctx context.Context) error {
	for _, part := range s.list {
		if err := part.start(ctx); err != nil {
			return errors.Join(fmt.Errorf("start %s: %w", part.name, err), s.Stop())
		}
		s.running++
	}
	return nil
}

// Stop stops the running parts, each within 5 seconds. It is idempotent.
func (s *Sequence) Stop() error {
	var failed error
	for ; s.running > 0; s.running-- {
		part := s.list[s.running-1]
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		if err := part.stop(ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("stop %s: %w", part.name, err))
		}
		cancel()
	}
	return failed
}
