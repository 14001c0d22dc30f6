package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/config"
)

// minPayout is the least amount that is withdrawn automatically. A withdrawal takes about
// 100,000 gas, 0.5 MED at Panacea's minimum gas price. A smaller amount stays credited
// until the next withdrawal or `pdx withdraw`.
const minPayout pdx.Amount = 1_000_000

// payRetry is the pause after a failed withdrawal: several blocks.
const payRetry = 30 * time.Second

// payProofs is how often at most a credit is proven anew, payProofPause the pause between:
// together two of Panacea's blocks.
const (
	payProofs     = 12
	payProofPause = time.Second
)

// payPoll is the polling interval for amounts that no event announces: a bond is released
// by the passing of time alone.
const payPoll = 10 * time.Minute

// wallet is the chain client with one withdrawal at a time: two at once would pay the fee
// twice.
type wallet struct {
	*client.Client
	prover prover
	one    *sync.Mutex
}

// Receipt is the document that proves a deal's record.
func (w wallet) Receipt(ctx context.Context, id pdx.DealID) ([]byte, error) {
	r, err := w.Verified().Receipt(ctx, id)
	if errors.Is(err, client.ErrNoTrust) {
		return nil, fmt.Errorf("%w; %s", err, config.TrustAdvice)
	}
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(r, "", "  ")
}

// Withdraw withdraws what is credited. It is not an error if that is nothing.
func (w wallet) Withdraw(ctx context.Context) (pdx.Amount, error) {
	w.one.Lock()
	defer w.one.Unlock()
	amount, err := w.settled(ctx)
	if err != nil || amount == 0 {
		return 0, err
	}
	return w.Client.Withdraw(ctx)
}

// settled returns what is credited, both as it is shown and as it is proven. A credit is proven
// by the block after it, so settled waits for a few blocks until both are the same.
func (w wallet) settled(ctx context.Context) (pdx.Amount, error) {
	for tries := 0; ; tries++ {
		shown, err := w.Withdrawable(ctx, w.Account())
		if err != nil {
			return 0, err
		}
		proven, err := w.prover.Withdrawable(ctx, w.Account())
		if err != nil || shown == proven || tries == payProofs {
			return min(shown, proven), err
		}
		if err := lifecycle.Sleep(ctx, payProofPause); err != nil {
			return 0, err
		}
	}
}

// payOut withdraws what is credited if it is at least minPayout.
func (w wallet) payOut(ctx context.Context) error {
	amount, err := w.settled(ctx)
	if err == nil && amount >= minPayout {
		_, err = w.Withdraw(ctx)
	}
	return err
}

// payLoop withdraws at the start, after each credit, and at intervals. It retries on
// failure.
func (n *Node) payLoop(ctx context.Context) {
	for {
		again := time.After(payPoll)
		if err := n.wallet.payOut(ctx); err != nil && ctx.Err() == nil {
			n.log.Warn("withdrawal failed; retrying", "error", err)
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

// patient bounds the chain queries of API calls; see api.Chain.
type patient struct{ chain *client.Client }

// Patient returns a context that bounds each query made with it.
func (p patient) Patient(ctx context.Context, most time.Duration) context.Context {
	return client.WithPatience(ctx, most)
}

// Silence returns an error if the chain has not answered for at least that long.
func (p patient) Silence(least time.Duration) error { return p.chain.Silence(least) }
