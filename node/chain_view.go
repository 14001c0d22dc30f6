package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

const (
	// viewPatience is how long a status waits for the chain: an endpoint that is
	// well answers in milliseconds, one far away in some round trips.
	viewPatience = time.Second
	// viewQuiet is how long the chain must have been silent for a status to wait
	// only for quietPatience: it may be back, but nobody waits long to learn it.
	viewQuiet     = 2 * time.Second
	quietPatience = 200 * time.Millisecond
)

// viewLedger is what a status shows of the chain.
type viewLedger interface {
	Head(ctx context.Context) (pdx.Head, error)
	Balance(ctx context.Context, address pdx.Address) (pdx.Amount, error)
	Withdrawable(ctx context.Context, address pdx.Address) (pdx.Amount, error)
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	// Silence is nil unless the chain has not answered for that long.
	Silence(least time.Duration) error
}

// funds are what an account has.
type funds struct{ balance, withdrawable pdx.Amount }

// chainView is what the node shows of the chain: fresh while it answers, otherwise what
// was heard last, after a moment.
type chainView struct {
	chain     viewLedger
	head      remembered[pdx.Head]
	funds     remembered[funds]
	validator remembered[*pdx.Validator] // nil: the account is none

	ctx    context.Context // of all reads
	cancel context.CancelFunc
	reads  sync.WaitGroup
	mu     sync.Mutex // guards closed
	closed bool
}

func newChainView(chain viewLedger, account pdx.Address) *chainView {
	v := &chainView{chain: chain}
	v.ctx, v.cancel = context.WithCancel(context.Background())
	v.head.read = chain.Head
	v.funds.read = func(ctx context.Context) (f funds, err error) {
		if f.balance, err = chain.Balance(ctx, account); err == nil {
			f.withdrawable, err = chain.Withdrawable(ctx, account)
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

// look reads all again and waits for it, but not for long.
func (v *chainView) look(ctx context.Context) {
	most := viewPatience
	if v.chain.Silence(viewQuiet) != nil {
		most = quietPatience
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for _, done := range v.refresh() {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
}

func (v *chainView) refresh() []<-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return nil
	}
	return []<-chan struct{}{v.head.refresh(v.ctx, &v.reads), v.funds.refresh(v.ctx, &v.reads), v.validator.refresh(v.ctx, &v.reads)}
}

// late is why something is not fresh that is being read.
func (v *chainView) late() error {
	if err := v.chain.Silence(viewPatience); err != nil {
		return err
	}
	return fmt.Errorf("the chain has not answered yet: %w", pdx.ErrUnavailable)
}

// close ends all reads and waits for them.
func (v *chainView) close() {
	v.mu.Lock()
	v.closed = true
	v.mu.Unlock()
	v.cancel()
	v.reads.Wait()
}

// patient bounds the questions of API calls to the chain; see api.Chain.
type patient struct{ chain *client.Client }

// Patient bounds each question that is asked with the context.
func (p patient) Patient(ctx context.Context, most time.Duration) context.Context {
	return client.WithPatience(ctx, most)
}

// Silence is nil unless the chain has not answered for that long.
func (p patient) Silence(least time.Duration) error { return p.chain.Silence(least) }
