package client

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/medibloc/pdx"
)

// await polls until the transaction is in a block, or cannot be any more. It
// outlives disconnects, as the outcome is there to be learnt.
func (w *wallet) await(ctx context.Context, s signed) (*abci.ExecTxResult, error) {
	id := s.id()
	for {
		if res, err := w.rpc.Tx(ctx, id[:], false); err == nil {
			return &res.TxResult, nil
		}
		if head, err := w.Head(ctx); err == nil && head.Height > s.timeout {
			// The index may lag, or be switched off: the blocks have the last word.
			result, err := w.search(ctx, s)
			if err == nil {
				return result, w.outcome(s, result)
			}
		}
		if err := pause(ctx, w.poll); err != nil {
			return nil, fmt.Errorf("await transaction %s: %w: %w", s.hash(), pdx.ErrUnavailable, err)
		}
	}
}

// outcome of a transaction whose timeout has passed.
func (w *wallet) outcome(s signed, result *abci.ExecTxResult) error {
	if result != nil {
		return nil
	}
	w.resetSequence()
	return fmt.Errorf("%w: transaction %s was in no block up to height %d", pdx.ErrUnavailable, s.hash(), s.timeout)
}

// search reads every block that could hold the transaction; nil if none does.
func (w *wallet) search(ctx context.Context, s signed) (*abci.ExecTxResult, error) {
	for height := s.since + 1; height <= s.timeout; height++ {
		block, err := w.rpc.Block(ctx, &height)
		if err != nil {
			return nil, unreachable(fmt.Sprintf("block %d", height), err)
		}
		if block.Block == nil {
			return nil, fmt.Errorf("block %d: %w: it is empty", height, pdx.ErrCorrupt)
		}
		for i, tx := range block.Block.Txs {
			if [32]byte(tx.Hash()) == s.id() {
				return w.resultOf(ctx, height, i)
			}
		}
	}
	return nil, nil
}

func (w *wallet) resultOf(ctx context.Context, height int64, index int) (*abci.ExecTxResult, error) {
	results, err := w.results(ctx, height)
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
