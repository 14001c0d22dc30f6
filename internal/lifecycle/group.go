package lifecycle

import (
	"context"
	"fmt"
	"sync"

	"github.com/medibloc/pdx"
)

// ErrStopped is the cause of contexts that end because their service stopped.
var ErrStopped = fmt.Errorf("%w: the service is not running", pdx.ErrUnavailable)

// Group is the life of one service. Its zero value has not started.
type Group struct {
	mu   sync.Mutex      // guards life and end
	life context.Context //nolint:containedctx // from Start to Stop, which is what a Group is; nil before
	end  context.CancelCauseFunc
	work sync.WaitGroup
}

// Start begins the life of a service, after prepare, which may be nil, has succeeded.
// It lasts until Stop and not until ctx ends. A second Start is pdx.ErrWrongState.
func (g *Group) Start(ctx context.Context, prepare func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life != nil {
		return fmt.Errorf("%w: it was started before", pdx.ErrWrongState)
	}
	if prepare != nil {
		if err := prepare(); err != nil {
			return err
		}
	}
	g.life, g.end = context.WithCancelCause(context.WithoutCancel(ctx))
	return nil
}

// Running reports whether the service has started and not stopped.
func (g *Group) Running() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running()
}

// Context returns a context that ends with the service; before Start it is already
// canceled.
func (g *Group) Context() context.Context {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life != nil {
		return g.life
	}
	never, cancel := context.WithCancelCause(context.Background())
	cancel(ErrStopped)
	return never
}

// Go runs f in a goroutine for which Stop waits; f returns soon after its context
// ends. If the service is not running, Go returns false without running f.
func (g *Group) Go(f func(ctx context.Context)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.running() {
		return false
	}
	life := g.life
	g.work.Go(func() { f(life) })
	return true
}

// Enter joins a call to the life of the service: the context that it returns ends with
// ctx or with the service, and Stop waits until leave is called. The error is
// ErrStopped when the service is not running.
func (g *Group) Enter(ctx context.Context) (_ context.Context, leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.running() {
		return nil, nil, ErrStopped
	}
	g.work.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(g.life, func() { cancel(ErrStopped) })
	return ctx, func() { unhook(); cancel(nil); g.work.Done() }, nil
}

// Stop ends the life of the service and waits for its goroutines and calls, at most
// until ctx ends. It is idempotent.
func (g *Group) Stop(ctx context.Context) error {
	g.mu.Lock()
	if g.life != nil {
		g.end(ErrStopped)
	}
	g.mu.Unlock()
	idle := make(chan struct{})
	go func() { g.work.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("work still in hand: %w", ctx.Err())
	}
}

// running needs mu.
func (g *Group) running() bool { return g.life != nil && g.life.Err() == nil }
