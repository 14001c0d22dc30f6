package node

import (
	"context"
	"log/slog"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
)

// minPayout is what is worth a transaction by itself: a withdrawal takes about
// 100,000 gas, 0.5 MED at Panacea's minimum gas price. Less stays credited and
// goes out with the next one, or by `pdx withdraw`.
const minPayout pdx.Amount = 1_000_000

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
func (w wallet) payOut(ctx context.Context, log *slog.Logger) {
	amount, err := w.Withdrawable(ctx, w.Account())
	if err == nil && amount >= minPayout {
		amount, err = w.Withdraw(ctx)
	}
	if err != nil {
		log.Warn("not withdrawn; tried again with the next credit", "error", err)
	}
}
