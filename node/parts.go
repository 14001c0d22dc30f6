package node

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// stopTimeout bounds the stop of one part; work in hand goes on at the next
	// start, so cutting it off loses nothing.
	stopTimeout = 5 * time.Second
	// followRetry is the pause before the chain is followed anew.
	followRetry = time.Second
)

// part is something that is started and stopped.
type part struct {
	name  string
	start func(context.Context) error
	stop  func(context.Context) error
}

// parts are started in order and stopped in the reverse order.
type parts struct {
	list    []part
	running int
}

func (p *parts) add(name string, start, stop func(context.Context) error) {
	p.list = append(p.list, part{name, start, stop})
}

// loop adds a part that is one goroutine.
func (p *parts) loop(name string, run func(context.Context)) {
	var cancel context.CancelFunc
	done := make(chan struct{})
	p.add(name, func(ctx context.Context) error {
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

// start starts all parts; when one fails those before it are stopped again.
func (p *parts) start(ctx context.Context) error {
	for _, part := range p.list {
		if err := part.start(ctx); err != nil {
			return errors.Join(fmt.Errorf("start %s: %w", part.name, err), p.stop())
		}
		p.running++
	}
	return nil
}

// stop stops what runs, each part within stopTimeout.
func (p *parts) stop() error {
	var failed error
	for ; p.running > 0; p.running-- {
		part := p.list[p.running-1]
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		if err := part.stop(ctx); err != nil {
			failed = errors.Join(failed, fmt.Errorf("stop %s: %w", part.name, err))
		}
		cancel()
	}
	return failed
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
