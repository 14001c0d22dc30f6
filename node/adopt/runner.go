package adopt

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/internal/need"
	"github.com/medibloc/pdx/internal/notify"
)

// Runner repeats a comparison until it succeeds. Make one with New.
type Runner struct {
	compare func(context.Context) error
	log     *slog.Logger
	again   notify.Signal // set when the comparison is to be repeated
	done    chan struct{} // closed by the first success

	mu  sync.Mutex // guards err and the closing of done
	err error
}

// Config is what a Runner works with.
type Config struct {
	// Compare is one comparison; it must be fit to be repeated and killed.
	Compare func(context.Context) error
	Log     *slog.Logger // nil is silent
}

// New returns a Runner; it starts nothing.
func New(c Config) (*Runner, error) {
	if err := need.All(c, "Log"); err != nil {
		return nil, fmt.Errorf("comparison with the chain: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{compare: c.Compare, log: c.Log, again: notify.New(), done: make(chan struct{})}, nil
}

// Run compares until that succeeds, then whenever Again was called, until ctx
// ends. It is called once.
func (r *Runner) Run(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; tries++ {
		err := r.compare(ctx)
		if ctx.Err() != nil {
			return
		}
		r.note(err)
		if err == nil {
			tries = -1
			select {
			case <-r.again:
			case <-ctx.Done():
			}
			continue
		}
		r.log.WarnContext(ctx, "this account's deals cannot be compared with the chain; trying again", slog.Any("error", err))
		_ = lifecycle.Sleep(ctx, pause.Spread(tries))
	}
}

func (r *Runner) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	select {
	case <-r.done:
	default:
		if err == nil {
			close(r.done)
		}
	}
}

// Again asks for another comparison. It never blocks.
func (r *Runner) Again() {
	r.again.Set()
}

// Done is closed when a comparison has succeeded since the start.
func (r *Runner) Done() <-chan struct{} { return r.done }

// HasRun reports whether a comparison has succeeded since the start.
func (r *Runner) HasRun() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Err is why the last comparison failed, nil when it succeeded or none was made.
func (r *Runner) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}
