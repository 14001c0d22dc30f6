package client

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/medibloc/pdx"
)

// await polls until the transaction is in a block, or cannot be any more. It
// outlives disconnects, as the outcome is there to be learnt: every endpoint
// that lives is asked, for the one that took the transaction may be gone.
func (w *wallet) await(ctx context.Context, s signed) (*abci.ExecTxResult, error) {
	for {
		for _, e := range w.living() {
			result, known, err := e.look(ctx, s)
			switch {
			case err != nil:
				w.leave(e, err)
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

// look asks one endpoint what became of a transaction; known without a result
// means that it is in no block and will be in none.
func (e *endpoint) look(ctx context.Context, s signed) (result *abci.ExecTxResult, known bool, err error) {
	id := s.id()
	if res, err := e.rpc.Tx(ctx, id[:], false); err == nil {
		return &res.TxResult, true, nil
	}
	r, err := e.head(ctx)
	if err != nil || r.head.Height <= s.timeout {
		return nil, false, err
	}
	// The index may lag, or be switched off: the blocks have the last word.
	result, err = e.search(ctx, s)
	return result, err == nil, err
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

// search reads every block that could hold the transaction; nil if none does.
func (e *endpoint) search(ctx context.Context, s signed) (*abci.ExecTxResult, error) {
	for height := s.since + 1; height <= s.timeout; height++ {
		block, err := e.rpc.Block(ctx, &height)
		if err != nil {
			return nil, unreachable(fmt.Sprintf("block %d", height), err)
		}
		if block.Block == nil {
			return nil, fmt.Errorf("block %d: %w: it is empty", height, pdx.ErrCorrupt)
		}
		for i, tx := range block.Block.Txs {
			if [32]byte(tx.Hash()) == s.id() {
				return e.resultOf(ctx, height, i)
			}
		}
	}
	return nil, nil
}

func (e *endpoint) resultOf(ctx context.Context, height int64, index int) (*abci.ExecTxResult, error) {
	results, err := e.results(ctx, height)
	if err != nil {
		return nil, err
	}
	if index >= len(results.TxsResults) {
		return nil, fmt.Errorf("results of block %d: %w: too few", height, pdx.ErrCorrupt)
	}
	return results.TxsResults[index], nil
}

// resetSequence makes the next transaction ask for its sequence.
func (w *wallet) resetSequence() {
	w.turn <- struct{}{}
	w.signer.forget()
	<-w.turn
}
