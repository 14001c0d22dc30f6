package client

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/medibloc/pdx"
)

// await polls until the transaction is in a block, or cannot be any more. It
// outlives disconnects, as the outcome is there to be learnt: every endpoint
// that lives is asked, for the one that took the transaction may be gone. All
// transactions that wait share what is read of an endpoint.
func (w *wallet) await(ctx context.Context, s signed) (*abci.ExecTxResult, error) {
	for {
		for _, e := range w.living() {
			result, known, err := e.find(ctx, s, w.sendings, w.poll/2)
			switch {
			case err != nil: // look has left the endpoint, if it is to blame
			case result != nil:
				return result, nil
			case known:
				return nil, w.lost(s)
			}
		}
		if err := pause(ctx, w.poll); err != nil {
			return nil, fmt.Errorf("await transaction %s: %w: %w", s.hash(), pdx.ErrUnavailable, err)
		}
	}
}

// lost is the outcome of a transaction that came into no block. The endpoint that
// took it may have kept it to itself, so another one carries the next.
func (w *wallet) lost(s signed) error {
	w.resetSequence()
	err := fmt.Errorf("%w: transaction %s was in no block up to height %d", pdx.ErrUnavailable, s.hash(), s.timeout)
	if s.via != nil {
		w.leave(s.via, err)
	}
	return err
}

// resetSequence makes the next transaction ask for its sequence.
func (w *wallet) resetSequence() {
	w.signing <- struct{}{}
	w.signer.forget()
	<-w.signing
}
