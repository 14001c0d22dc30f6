package validator

import (
	"context"
	"sync"
)

// locks are mutexes by key that can be waited for with a context.
type locks[K comparable] struct {
	mu   sync.Mutex
	held map[K]*lock
}

type lock struct {
	free    chan struct{} // holds one token when free
	holders int           // that hold it or wait
}

func newLocks[K comparable]() *locks[K] { return &locks[K]{held: map[K]*lock{}} }

// take waits for key; release must be called when err is nil.
func (l *locks[K]) take(ctx context.Context, key K) (release func(), err error) {
	l.mu.Lock()
	k := l.held[key]
	if k == nil {
		k = &lock{free: make(chan struct{}, 1)}
		k.free <- struct{}{}
		l.held[key] = k
	}
	k.holders++
	l.mu.Unlock()
	select {
	case <-k.free:
		return func() { k.free <- struct{}{}; l.leave(key, k) }, nil
	case <-ctx.Done():
		l.leave(key, k)
		return nil, context.Cause(ctx)
	}
}

func (l *locks[K]) leave(key K, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.holders--; k.holders == 0 {
		delete(l.held, key)
	}
}

// try takes key if nobody holds it or waits for it.
func (l *locks[K]) try(key K) (release func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] != nil {
		return nil, false
	}
	k := &lock{free: make(chan struct{}, 1), holders: 1}
	l.held[key] = k
	return func() { k.free <- struct{}{}; l.leave(key, k) }, true
}
