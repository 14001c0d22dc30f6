package node

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/book"
	"github.com/medibloc/pdx/node/chainview"
	"github.com/medibloc/pdx/node/store"
)

// maxReplay is how many blocks are read again after a pause: two hours at Panacea's block
// time. The roles read the state of their deals when they start, so older events bring
// nothing new.
const maxReplay = 1200

// viewLag is how old the newest known block may be before this node's view of the chain
// counts as old: five blocks of Panacea.
const viewLag = 30 * time.Second

// followRetry is the pause before the chain is followed again.
const followRetry = time.Second

// A follower reads every block of the chain once and passes its events on.
type follower struct {
	chain  *client.Client
	cursor *store.Cursor
	wake   func(pdx.Event)
	jumped func()     // called when blocks were skipped, so that events are missing
	book   *book.Book // told the money of each block; nil in tests
	log    *slog.Logger
	skew   *chainview.Skew

	handled atomic.Int64           // last height that was handled
	newest  atomic.Int64           // its time, in nanoseconds since 1970
	trouble atomic.Pointer[string] // why the chain cannot be read, nil if it can
}

// run follows the chain until ctx ends.
func (f *follower) run(ctx context.Context) {
	for ctx.Err() == nil {
		from, err := f.begin(ctx)
		if err == nil {
			err = f.chain.Follow(ctx, from, func(b client.Block) error { return f.handle(ctx, b) }, f.lost)
		}
		switch {
		case errors.Is(err, client.ErrPruned):
			f.log.Warn("the chain has pruned blocks; continuing from its head", "error", err)
			f.skip(ctx)
		case err != nil && ctx.Err() == nil:
			f.lost(err)
		}
		_ = lifecycle.Sleep(ctx, followRetry)
	}
}

// begin returns the first height to read.
func (f *follower) begin(ctx context.Context) (int64, error) {
	head, err := f.chain.Head(ctx)
	if err != nil {
		return 0, err
	}
	last, err := f.cursor.Height(ctx)
	if err != nil {
		return 0, err
	}
	if last > head.Height {
		f.log.Warn("the chain is behind what this node has seen: it was reset or its endpoint lags", "height", head.Height, "seen", last)
		f.jumped()
		return head.Height, nil
	}
	if last+1 < head.Height-maxReplay {
		f.jumped()
		if err := f.missed(ctx, last+1, head.Height-maxReplay-1); err != nil {
			return 0, err
		}
	}
	return max(last+1, head.Height-maxReplay), nil
}

// skip continues at the head. The effects of pruned blocks are in the state, with which
// the roles compare their deals.
func (f *follower) skip(ctx context.Context) {
	head, err := f.chain.Head(ctx)
	var last int64
	if err == nil {
		last, err = f.cursor.Height(ctx)
	}
	if err == nil {
		err = f.missed(ctx, last+1, head.Height)
	}
	if err == nil {
		err = f.cursor.Advance(ctx, head.Height)
	}
	f.jumped()
	if err != nil {
		f.lost(err)
	}
}

// missed notes that the money of blocks is not on record.
func (f *follower) missed(ctx context.Context, from, to int64) error {
	if f.book == nil {
		return nil
	}
	return f.book.Missed(ctx, from, to)
}

func (f *follower) handle(ctx context.Context, b client.Block) error {
	if f.book != nil {
		if err := f.book.Record(ctx, b); err != nil {
			return err
		}
	}
	for _, e := range b.Events {
		f.wake(e)
	}
	f.trouble.Store(nil)
	f.skew.Note(b.Head.Time)
	f.handled.Store(b.Head.Height)
	f.newest.Store(b.Head.Time.UnixNano())
	return f.cursor.Advance(ctx, b.Head.Height)
}

// behind reports whether the newest block that was handled is old, or none was.
func (f *follower) behind() bool {
	return time.Since(time.Unix(0, f.newest.Load())) > viewLag
}

func (f *follower) lost(err error) {
	text := err.Error()
	if old := f.trouble.Swap(&text); old == nil {
		f.log.Warn("the chain cannot be read; retrying", "error", err)
	}
}

// resume makes every part check what it waits for and whom it is connected to, after a sleep or
// a jump of the clock.
func (n *Node) resume() {
	n.follower.skew.Reset()
	n.alive.Suspect()
	n.discovery.Resume()
	n.seller.Resume()
	n.buyer.Resume()
	n.validator.Resume()
	n.presence.RefreshPools()
	n.askPayout()
}
