// Package keylock has one lock for each key: what is done under one key waits for
// nothing that is done under another.
package keylock

import (
	"context"
	"slices"
	"sync"
)

// Locks are mutexes by key that can be waited for with a context. A Locks is safe
// for concurrent use; make one with [New].
type Locks[K comparable] struct {
	mu   sync.Mutex
	held map[K]*lock
}

type lock struct {
	free    chan struct{} // holds one token when free
	holders int           // that hold it or wait
}

// New returns locks of which none is held.
func New[K comparable]() *Locks[K] { return &Locks[K]{held: map[K]*lock{}} }

// Take waits for key; release must be called when err is nil.
func (l *Locks[K]) Take(ctx context.Context, key K) (release func(), err error) {
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

func (l *Locks[K]) leave(key K, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.holders--; k.holders == 0 {
		delete(l.held, key)
	}
}

// Try takes key if nobody holds it or waits for it.
func (l *Locks[K]) Try(key K) (release func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] != nil {
		return nil, false
	}
	k := &lock{free: make(chan struct{}, 1), holders: 1}
	l.held[key] = k
	return func() { k.free <- struct{}{}; l.leave(key, k) }, true
}

// TakeAll waits for several keys, in an order that is the same for all callers, so
// that two of them never wait for each other. compare orders keys; a key that is
// there twice is taken once.
func TakeAll[K comparable](ctx context.Context, l *Locks[K], keys []K, compare func(a, b K) int) (release func(), err error) {
	keys = slices.Compact(slices.SortedFunc(slices.Values(keys), compare))
	releases := make([]func(), 0, len(keys))
	release = func() {
		for _, r := range slices.Backward(releases) {
			r()
		}
	}
	for _, key := range keys {
		r, err := l.Take(ctx, key)
		if err != nil {
			release()
			return nil, err
		}
		releases = append(releases, r)
	}
	return release, nil
}
