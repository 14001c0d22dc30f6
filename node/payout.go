package node

import (
	"context"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

// minPayout is what is worth a transaction by itself: a withdrawal takes about
// 100,000 gas, 0.5 MED at Panacea's minimum gas price. Less stays credited and
// goes out with the next one, or by `pdx withdraw`.
const minPayout pdx.Amount = 1_000_000

// payRetry is how long a withdrawal that failed waits: some blocks.
const payRetry = 30 * time.Second

// payLook is how often it is looked for what no event tells of: a bond becomes
// free by time alone.
const payLook = 10 * time.Minute

// wallet is the chain client with one withdrawal at a time: two at once would
// pay the fee twice.
type wallet struct {
	*client.Client
	one *sync.Mutex
}

// Withdraw pays out what there is; nothing is no error.
func (w wallet) Withdraw(ctx context.Context) (pdx.Amount, error) {
	w.one.Lock()
	defer w.one.Unlock()
	amount, err := w.Withdrawable(ctx, w.Account())
	if err != nil || amount == 0 {
		return 0, err
	}
	return w.Client.Withdraw(ctx)
}

// payOut withdraws what was credited, if it is worth it.
func (w wallet) payOut(ctx context.Context) error {
	amount, err := w.Withdrawable(ctx, w.Account())
	if err == nil && amount >= minPayout {
		_, err = w.Withdraw(ctx)
	}
	return err
}

// payLoop withdraws at the start, for what came while the node was away, and
// after each credit; what fails is tried again.
func (n *Node) payLoop(ctx context.Context) {
	for {
		again := time.After(payLook)
		if err := n.wallet.payOut(ctx); err != nil && ctx.Err() == nil {
			n.log.Warn("not withdrawn yet", "error", err)
			again = time.After(payRetry)
		}
		select {
		case <-ctx.Done():
			return
		case <-n.payouts:
		case <-again:
		}
	}
}

// patient bounds the questions of API calls to the chain; see api.Chain.
type patient struct{ chain *client.Client }

// Patient bounds each question that is asked with the context.
func (p patient) Patient(ctx context.Context, most time.Duration) context.Context {
	return client.WithPatience(ctx, most)
}

// Silence returns an error if the chain has not answered for at least that long.
func (p patient) Silence(least time.Duration) error { return p.chain.Silence(least) }
