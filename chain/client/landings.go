package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
)

// unconfirmed are this account's transactions that wait for a block. Each is recorded before it
// is broadcast, so that no block that was read before can have it.
type unconfirmed struct {
	mu   sync.Mutex
	list map[[32]byte]int64 // by id: the height after which its block comes
}

func newUnconfirmed() *unconfirmed { return &unconfirmed{list: map[[32]byte]int64{}} }

func (p *unconfirmed) add(s signed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list[s.id()] = s.since
}

func (p *unconfirmed) remove(s signed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.list, s.id())
}

func (p *unconfirmed) count() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return uint64(len(p.list))
}

func (p *unconfirmed) has(id [32]byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.list[id]
	return ok
}

// since returns the height after which the blocks of all of them come.
func (p *unconfirmed) since() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := int64(-1)
	for _, height := range p.list {
		if first < 0 || height < first {
			first = height
		}
	}
	return max(first, 0)
}

// landings finds transactions in the blocks of one endpoint. It reads each block once,
// however many transactions wait.
type landings struct {
	busy    chan struct{} // holds a token during a read
	read    time.Time     // when the last reading ended
	err     error         // why that one failed
	last    int64         // last height whose state exists
	next    int64         // first height that was not read
	results map[[32]byte]*abci.ExecTxResult
}

func newLandings() *landings {
	return &landings{busy: make(chan struct{}, 1), results: map[[32]byte]*abci.ExecTxResult{}}
}

// find returns the outcome of a transaction. If the outcome is known without a result, the
// transaction is in no block and never will be. Waiting callers share each read for the
// duration of fresh, also a failed one, for which the endpoint is avoided once. A read that
// ended with its caller's context does not count.
func (e *endpoint) find(
	ctx context.Context, s signed, all *unconfirmed, fresh time.Duration,
) (result *abci.ExecTxResult, known bool, err error) {
	l := e.landings
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	if time.Since(l.read) >= fresh {
		err := e.readLandings(ctx, all)
		if err != nil && ctx.Err() != nil {
			return nil, false, err
		}
		if l.read, l.err = time.Now(), err; err != nil {
			e.health.leave(l.read, err)
		}
	}
	if result := l.results[s.id()]; result != nil {
		return result, true, nil
	}
	if l.err != nil {
		return nil, false, l.err
	}
	return nil, l.last > s.timeout, nil
}

// readLandings reads the blocks since the last read, from the first that can have a waiting
// transaction. The caller holds the token.
func (e *endpoint) readLandings(ctx context.Context, all *unconfirmed) error {
	l := e.landings
	r, err := e.span(ctx)
	if err != nil {
		return err
	}
	for id := range l.results {
		if !all.has(id) {
			delete(l.results, id)
		}
	}
	first := all.since() + 1
	if l.next = max(l.next, first); r.last < l.last { // a chain that began anew
		l.next = first
	}
	for ; l.next <= r.last; l.next++ {
		if err := e.readBlock(ctx, l.next, all); err != nil {
			return err
		}
	}
	l.last = r.last
	return nil
}

// readBlock stores the results of waiting transactions in a block.
func (e *endpoint) readBlock(ctx context.Context, height int64, all *unconfirmed) error {
	block, err := e.rpc.Block(ctx, &height)
	if err != nil {
		return unreachable(fmt.Sprintf("block %d", height), err)
	}
	if block.Block == nil {
		return fmt.Errorf("block %d: %w: it is empty", height, pdx.ErrCorrupt)
	}
	at := map[[32]byte]int{}
	for i, tx := range block.Block.Txs {
		if id := [32]byte(tx.Hash()); all.has(id) {
			at[id] = i
		}
	}
	if len(at) == 0 {
		return nil
	}
	results, err := e.results(ctx, height)
	if err != nil {
		return err
	}
	for id, i := range at {
		if i >= len(results.TxsResults) {
			return fmt.Errorf("results of block %d: %w: too few", height, pdx.ErrCorrupt)
		}
		e.landings.results[id] = results.TxsResults[i]
	}
	return nil
}

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
