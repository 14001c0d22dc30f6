package chainview

import (
	"context"
	"sync"
	"time"
)

// Value is a value of the chain as last read.
type Value[T any] struct {
	Value T
	At    time.Time // when it was read; zero if never
	Err   error     // why it is not fresh
}

// cached is a value that is read in the background and kept while the chain does not
// answer.
type cached[T any] struct {
	read func(context.Context) (T, error)

	mu    sync.Mutex
	value T
	at    time.Time // when value was read; zero if never
	err   error     // of the last read that ended
	done  chan struct{}
}

// refresh starts a read, unless one is running, and returns a channel that is closed
// when it ends. The read ends with ctx.
func (c *cached[T]) refresh(ctx context.Context, group *sync.WaitGroup) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done != nil {
		return c.done
	}
	done := make(chan struct{})
	c.done = done
	group.Go(func() {
		value, err := c.read(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.err = err; err == nil {
			c.value, c.at = value, time.Now()
		}
		c.done = nil
		close(done)
	})
	return done
}

// get returns the value as last read. Its error is late while a read is running,
// unless the last one has just succeeded.
func (c *cached[T]) get(late error) Value[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := Value[T]{Value: c.value, At: c.at, Err: c.err}
	if c.done != nil && (c.at.IsZero() || time.Since(c.at) >= patience) {
		v.Err = late
	}
	return v
}
