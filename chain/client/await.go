package client

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
)

// await polls until the transaction is in a block or can no longer get into one. It
// continues after disconnects and asks every healthy endpoint, because the one that received
// the transaction may be gone. All waiting transactions share what is read of an endpoint.
func (w *wallet) await(ctx context.Context, s signed) (*abci.ExecTxResult, error) {
	for {
		for _, e := range w.living() {
			result, known, err := e.find(ctx, s, w.sent, w.poll/2)
			switch {
			case err != nil: // look has left the endpoint, if it is to blame
			case result != nil:
				return result, nil
			case known:
				return nil, w.lost(s)
			}
		}
		if err := lifecycle.Sleep(ctx, w.poll); err != nil {
			return nil, fmt.Errorf("await transaction %s: %w: %w", s.hash(), pdx.ErrUnavailable, err)
		}
	}
}

// lost returns the outcome of a transaction that got into no block. The endpoint that
// received it may have withheld it, so the next transaction goes to another one.
func (w *wallet) lost(s signed) error {
	w.resetSequence()
	err := fmt.Errorf("%w: transaction %s was in no block up to height %d", pdx.ErrUnavailable, s.hash(), s.timeout)
	if s.via != nil {
		w.leave(s.via, err)
	}
	return err
}

// resetSequence makes the next transaction query its sequence.
func (w *wallet) resetSequence() {
	w.signing <- struct{}{}
	w.signer.forget()
	<-w.signing
}
