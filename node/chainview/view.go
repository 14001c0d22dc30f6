// Package chainview holds what a node shows of the chain: fresh values while the chain
// answers, otherwise the last known ones.
package chainview

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

const (
	// patience is how long Refresh waits for the chain: a healthy endpoint answers in
	// milliseconds, a distant one within a few round trips.
	patience = time.Second
	// quiet is how long the chain must have been silent for Refresh to wait only for
	// quietPatience: the chain may be back, but a caller should not wait long to learn it.
	quiet         = 2 * time.Second
	quietPatience = 200 * time.Millisecond
)

// Ledger is what a View reads.
type Ledger interface {
	Head(ctx context.Context) (pdx.Head, error)
	Balance(ctx context.Context, address pdx.Address) (pdx.Amount, error)
	Withdrawable(ctx context.Context, address pdx.Address) (pdx.Amount, error)
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	// Silence returns an error if the chain has not answered for at least that long.
	Silence(least time.Duration) error
}

// Funds are the amounts that belong to an account.
type Funds struct{ Balance, Withdrawable pdx.Amount }

// A View caches the head of the chain and what belongs to one account. It is safe for
// concurrent use. Close it.
type View struct {
	chain     Ledger
	head      cached[pdx.Head]
	funds     cached[Funds]
	validator cached[*pdx.Validator]

	ctx    context.Context //nolint:containedctx // of all reads, which outlive the call that starts them; Close ends it
	cancel context.CancelFunc
	reads  sync.WaitGroup
	mu     sync.Mutex // guards closed
	closed bool
}

// New returns a View that has read nothing yet.
func New(chain Ledger, account pdx.Address) *View {
	v := &View{chain: chain}
	v.ctx, v.cancel = context.WithCancel(context.Background())
	v.head.read = chain.Head
	v.funds.read = func(ctx context.Context) (f Funds, err error) {
		if f.Balance, err = chain.Balance(ctx, account); err == nil {
			f.Withdrawable, err = chain.Withdrawable(ctx, account)
		}
		return f, err
	}
	v.validator.read = func(ctx context.Context) (*pdx.Validator, error) {
		validator, err := chain.Validator(ctx, account)
		if errors.Is(err, pdx.ErrNotFound) {
			return nil, nil
		}
		return &validator, err
	}
	return v
}

// Refresh reads all values again. It waits for the answers for a second at most; reads
// that take longer go on.
func (v *View) Refresh(ctx context.Context) {
	limit := patience
	if v.chain.Silence(quiet) != nil {
		limit = quietPatience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for _, done := range v.start() {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
}

// start starts a read of each value, unless one is running, and returns channels that
// are closed when they end.
func (v *View) start() []<-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil
	}
	return []<-chan struct{}{v.head.refresh(v.ctx, &v.reads), v.funds.refresh(v.ctx, &v.reads), v.validator.refresh(v.ctx, &v.reads)}
}

// Head returns the newest known block.
func (v *View) Head() Value[pdx.Head] { return v.head.get(v.late()) }

// Funds returns the funds of the account.
func (v *View) Funds() Value[Funds] { return v.funds.get(v.late()) }

// Validator returns the account's entry in the registry of validators, nil if it has none.
func (v *View) Validator() Value[*pdx.Validator] { return v.validator.get(v.late()) }

// late returns the error of a value whose read takes too long.
func (v *View) late() error {
	if err := v.chain.Silence(patience); err != nil {
		return err
	}
	return fmt.Errorf("the chain has not answered yet: %w", pdx.ErrUnavailable)
}

// Close ends all reads and waits for them.
func (v *View) Close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.cancel()
	v.reads.Wait()
}
