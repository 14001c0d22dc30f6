package buyer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/internal/notify"
)

// eventDealState tells that a deal entered a state.
const eventDealState = "EventDealState"

// draws are the pools of this buyer that draw validators, and those of them in which
// something may wait for the buyer's part of a draw.
type draws struct {
	wake notify.Signal // set when due is not empty, or all

	mu   sync.Mutex
	open map[pdx.PoolID]struct{}
	due  map[pdx.PoolID]struct{}
	all  bool // the pools are to be read again
}

func newDraws() *draws {
	return &draws{wake: notify.New(), open: map[pdx.PoolID]struct{}{}, due: map[pdx.PoolID]struct{}{}}
}

// hint has a pool looked at, if it is one that draws.
func (d *draws) hint(pool pdx.PoolID) {
	d.mu.Lock()
	_, ok := d.open[pool]
	if ok {
		d.due[pool] = struct{}{}
	}
	d.mu.Unlock()
	if ok {
		d.wake.Set()
	}
}

// add has a pool looked at from now on.
func (d *draws) add(pool pdx.PoolID) {
	d.mu.Lock()
	d.open[pool] = struct{}{}
	d.mu.Unlock()
	d.hint(pool)
}

// drop forgets a pool in which nothing can wait any more.
func (d *draws) drop(pool pdx.PoolID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, pool)
	delete(d.due, pool)
}

// everything has all pools read again.
func (d *draws) everything() {
	d.mu.Lock()
	d.all = true
	d.mu.Unlock()
	d.wake.Set()
}

func (d *draws) take() (due []pdx.PoolID, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	due, all = slices.Sorted(maps.Keys(d.due)), d.all
	clear(d.due)
	d.all = false
	return due, all
}

// drawLoop sees to it that every deal that waits for this buyer's part of its draw gets it:
// without it, the deal waits as long as the chain lets it and is drawn without. It is the only
// place that reveals, one transaction for each pool after the other.
func (s *Service) drawLoop(ctx context.Context) {
	tick := time.NewTicker(rescanEvery)
	defer tick.Stop()
	s.draws.everything()
	for tries := 0; ; {
		select {
		case <-s.draws.wake:
		case <-tick.C:
			s.draws.everything()
			continue
		case <-ctx.Done():
			return
		}
		wait, ok := s.drawDue(ctx)
		switch {
		case !ok:
			wait, tries = retryPause.Spread(tries), tries+1
		case wait > 0:
			tries = 0
		default:
			tries = 0
			continue
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// drawDue looks at the pools in which something may wait. It returns how long to rest
// before the next look, 0 if nothing waits; ok is false if something failed.
func (s *Service) drawDue(ctx context.Context) (wait time.Duration, ok bool) {
	due, all := s.draws.take()
	if all {
		if err := s.findDraws(ctx); err != nil {
			s.trouble(ctx, 0, err)
			s.draws.everything()
			return 0, false
		}
		more, _ := s.draws.take()
		due = slices.Compact(slices.Sorted(slices.Values(append(due, more...))))
	}
	ok = true
	for _, pool := range due {
		waits, err := s.drawPool(ctx, pool)
		if err != nil {
			ok = false
			if ctx.Err() == nil {
				s.log.WarnContext(ctx, "this buyer's part of a draw is not on chain yet; trying again", "pool_id", pool, "error", err)
			}
		}
		if waits || err != nil {
			s.draws.hint(pool)
			wait = drawPoll
		}
	}
	return wait, ok
}

// findDraws looks for the pools of this buyer that draw validators.
func (s *Service) findDraws(ctx context.Context) error {
	creations, err := s.creations.Find(ctx, "Destroyed", false)
	if err != nil {
		return err
	}
	for _, c := range creations {
		if c.Pool == 0 || c.Over {
			continue
		}
		pool, err := s.pools.Pool(ctx, c.Pool)
		if err != nil {
			return err
		}
		if pool.Draw != 0 && pool.Status == pdx.PoolOpen {
			s.draws.add(pool.ID)
		}
	}
	return nil
}

// drawPool does what a pool's draws wait for, and reports whether something still waits.
// It follows from the chain alone what that is, so it can be repeated at any time.
func (s *Service) drawPool(ctx context.Context, id pdx.PoolID) (waits bool, err error) {
	pool, err := s.pools.Pool(ctx, id)
	if err != nil {
		return true, err
	}
	if pool.Status != pdx.PoolOpen { // the chain draws nothing for it any more
		s.draws.drop(id)
		return false, nil
	}
	if pool.Full() {
		return false, nil // they would lapse; an event tells when the pool has a slot again
	}
	waiting, _, err := s.ledger.Deals(ctx, pdx.DealFilter{Pool: id, Undrawn: true, Limit: 1})
	if err != nil || len(waiting) == 0 {
		return err != nil, err
	}
	block := waiting[0].DrawBlockHeight()
	if block <= pool.DrawHeight { // more waited than one message draws
		return true, s.ledger.Draw(ctx, id)
	}
	head, err := s.ledger.Head(ctx)
	if err != nil {
		return true, err
	}
	seen := head.Height - simulationLag
	if seen < max(block, pool.RevealHeight) {
		return true, nil
	}
	return true, s.reveal(ctx, pool, seen)
}

// reveal sends the next preimage of a pool. With each preimage goes the height of a
// block that was there before anybody saw it, which is on disk before it leaves: sent
// again, it goes with the same height, or else a seller and the proposer of a block that
// saw it could choose who is drawn.
func (s *Service) reveal(ctx context.Context, pool pdx.Pool, seen int64) error {
	c, err := s.creationOf(ctx, pool.Key)
	if err != nil {
		return err
	}
	key, err := s.key(ctx, c.RequestID)
	if err != nil {
		return err
	}
	preimage, err := key.DrawChain(seal.DrawLength).Preimage(pool.DrawCommitment)
	if errors.Is(err, pdx.ErrNotFound) {
		s.draws.drop(pool.ID)
		return fmt.Errorf("pool %v: nothing is left to reveal for its draws: %w", pool.ID, err)
	}
	height, err := s.shownAt(ctx, pool, seen)
	if err != nil {
		return err
	}
	return s.ledger.Reveal(ctx, pdx.Reveal{Pool: pool.ID, Preimage: preimage, Height: height})
}

// shownAt returns the height that goes with the next preimage of a pool, from disk if
// it was sent before.
func (s *Service) shownAt(ctx context.Context, pool pdx.Pool, seen int64) (int64, error) {
	name := "buyer-draw/" + pool.ID.String()
	commitment := hex.EncodeToString(pool.DrawCommitment[:])
	mark, err := s.marks.Get(ctx, name)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return 0, err
	}
	if shown, height, ok := strings.Cut(mark, "/"); ok && shown == commitment {
		if at, err := strconv.ParseInt(height, 10, 64); err == nil && at >= pool.RevealHeight {
			return at, nil
		}
	}
	return seen, s.marks.Put(ctx, name, fmt.Sprintf("%s/%d", commitment, seen))
}
