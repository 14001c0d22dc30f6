package node

import (
	"context"
	"sync"
	"time"
)

// remembered is a value of the chain that is read in the background, and shown as
// it was heard last while the chain does not answer.
type remembered[T any] struct {
	read func(context.Context) (T, error)

	mu    sync.Mutex
	value T
	heard time.Time // when it was; zero: never
	err   error     // of the last read that ended
	done  chan struct{}
}

// heardValue is a remembered value.
type heardValue[T any] struct {
	Value T
	At    time.Time // zero: it was never heard
	Err   error     // why it is not fresh
}

// refresh begins a read, unless one is under way, and returns what is closed when
// it has ended. The read ends with ctx.
func (r *remembered[T]) refresh(ctx context.Context, group *sync.WaitGroup) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done != nil {
		return r.done
	}
	done := make(chan struct{})
	r.done = done
	group.Go(func() {
		value, err := r.read(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.err = err; err == nil {
			r.value, r.heard = value, time.Now()
		}
		r.done = nil
		close(done)
	})
	return done
}

// get is what was heard last; late is the error while a read is under way, unless
// the last one answered just now.
func (r *remembered[T]) get(late error) heardValue[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := heardValue[T]{Value: r.value, At: r.heard, Err: r.err}
	if r.done != nil && (r.heard.IsZero() || time.Since(r.heard) >= viewPatience) {
		v.Err = late
	}
	return v
}
