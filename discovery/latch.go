package discovery

import (
	"context"
	"sync"
)

// A latch is open or shut. Any number of goroutines may wait for it to open.
type latch struct {
	mu     sync.Mutex
	opened chan struct{} // closed while the latch is open
	open   bool
}

func newLatch() *latch { return &latch{opened: make(chan struct{})} }

func (l *latch) set(open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case open && !l.open:
		close(l.opened)
	case !open && l.open:
		l.opened = make(chan struct{})
	}
	l.open = open
}

func (l *latch) isOpen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

func (l *latch) wait(ctx context.Context) error {
	l.mu.Lock()
	opened := l.opened
	l.mu.Unlock()
	select {
	case <-opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
