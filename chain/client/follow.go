package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Follow calls handle for every block from the given height on, each once and
// in order, and waits for new ones. When handle runs, queries see the state of
// its block or of a later one.
//
// It continues after disconnects: it reports a failure to read the chain to lost, unless that
// is nil, and tries again. It returns when ctx ends, when handle fails, when
// the endpoint serves another chain (pdx.ErrInvalid), or with ErrPruned when it
// no longer has a block; the caller then reads the state again and continues at
// the head.
func (l *Ledger) Follow(ctx context.Context, from int64, handle func(Block) error, lost func(error)) error {
	f := follower{backend: l.backend, next: max(from, 1), handle: handle}
	for {
		err := f.catchUp(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case f.failed != nil:
			return f.failed
		case errors.Is(err, ErrPruned), errors.Is(err, pdx.ErrInvalid):
			return err
		case err != nil && lost != nil:
			lost(err)
		}
		if err := l.backend.Wait(ctx, f.next); err != nil {
			return err
		}
	}
}

type follower struct {
	backend Backend
	handle  func(Block) error
	next    int64
	handled int64 // the last one, 0 before
	failed  error // of handle
}

// catchUp handles the blocks from next to the last one. Its error is about the chain.
func (f *follower) catchUp(ctx context.Context) error {
	first, last, err := f.backend.Span(ctx)
	switch {
	case err != nil:
		return err
	case f.next < first:
		return fmt.Errorf("block %d: %w: the chain's endpoint begins at %d", f.next, ErrPruned, first)
	case last < f.handled:
		return unreachable(fmt.Sprintf("block %d", f.next), fmt.Errorf("its endpoint is at %d, behind what was handled", last))
	}
	for ; f.next <= last; f.next++ {
		block, err := f.backend.Block(ctx, f.next)
		if err != nil {
			return err
		}
		if err := f.handle(block); err != nil {
			f.failed = fmt.Errorf("handle block %d: %w", f.next, err)
			return nil
		}
		f.handled = f.next
	}
	return nil
}
