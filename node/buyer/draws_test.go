package buyer_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/model"
)

// Reveal follows the chain's rules; the present block is the one after the head.
func (w *world) Reveal(_ context.Context, r pdx.Reveal) error {
	return w.around("reveal", func() error {
		w.reveals = append(w.reveals, r)
		p := &w.pools[r.Pool-1]
		switch {
		case seal.DrawStep(r.Preimage) != p.DrawCommitment:
			return fmt.Errorf("%w: another preimage", pdx.ErrRefused)
		case r.Height >= w.head.Height || r.Height < p.RevealHeight:
			return fmt.Errorf("%w: height %d", pdx.ErrInvalid, r.Height)
		case w.drawAll(p, true) > 0:
			return fmt.Errorf("%w: deals are left", pdx.ErrWrongState)
		}
		w.head.Height++
		p.DrawCommitment, p.DrawHeight, p.RevealHeight = r.Preimage, r.Height, w.head.Height
		w.drawAll(p, false)
		return nil
	})
}

// Draw draws the rest of those that the last preimage serves.
func (w *world) Draw(_ context.Context, pool pdx.PoolID) error {
	return w.around("draw", func() error {
		if w.drawAll(&w.pools[pool-1], false) == 0 {
			return fmt.Errorf("%w: nothing to draw", pdx.ErrWrongState)
		}
		w.drawTxs++
		w.head.Height++
		return nil
	})
}

// drawAll draws the deals that the last preimage serves, or only counts them.
func (w *world) drawAll(p *pdx.Pool, onlyCount bool) (n int) {
	for _, id := range slices.Sorted(maps.Keys(w.deals)) {
		d := w.deals[id]
		if d.Pool != p.ID || !d.Undrawn() || d.DrawBlockHeight() > p.DrawHeight || w.drawMost != 0 && n == w.drawMost {
			continue
		}
		if n++; onlyCount {
			continue
		}
		draw := *d.Draw
		draw.Height, draw.Revealed = w.head.Height, true
		d.Draw, w.drawn[id] = &draw, p.DrawCommitment
		w.deals[id] = d
	}
	return n
}

// offered puts an offer on chain that waits for its draw.
func (w *world) offered(id pdx.DealID, pool pdx.PoolID) {
	w.mu.Lock()
	w.deals[id] = pdx.Deal{ID: id, Pool: pool, Seller: seller, Buyer: w.buyer(), Required: 1, Draw: &pdx.Draw{Count: 1}}
	w.enter(id, pdx.DealOffered)
	d := w.deals[id]
	w.mu.Unlock()
	w.interest(pdx.Event{Kind: "EventDealState", Deal: id, Pool: d.Pool, State: string(pdx.DealOffered)})
	synctest.Wait()
}

// blocks makes blocks pass.
func (w *world) blocks(n int64) {
	w.mu.Lock()
	w.head.Height += n
	w.mu.Unlock()
}

func drawRequest() model.PoolRequest {
	r := request()
	r.Draw = 1
	return r
}

func drawPool(t *testing.T, s *buyer.Service) pdx.PoolID {
	t.Helper()
	p, err := s.CreatePool(t.Context(), drawRequest())
	require.NoError(t, err)
	require.NotZero(t, p.DrawCommitment)
	return p.ID
}

// revealed are the reveals that the chain took.
func (w *world) revealed() []pdx.Reveal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.reveals)
}

// drawnWith is the preimage that drew the validators of a deal, zero before.
func (w *world) drawnWith(id pdx.DealID) [32]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drawn[id]
}

func (w *world) drawBlock(id pdx.DealID) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deals[id].DrawBlockHeight()
}

func (w *world) allDrawn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.deals {
		if d.Undrawn() {
			return false
		}
	}
	return true
}

// drawnInTime is allDrawn after another block.
func (w *world) drawnInTime() bool {
	w.blocks(1)
	return w.allDrawn()
}

// TestDrawsAreRevealed: offers come in different blocks, and each gets a preimage that nobody
// had seen when its draw block was made.
func TestDrawsAreRevealed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := drawPool(t, s)
		w.offered(1, pool)
		rest(time.Hour)
		require.Empty(t, w.revealed(), "its draw block is yet to come")
		w.offered(2, pool) // in that block
		w.blocks(2)
		rest(time.Minute)
		require.NotZero(t, w.drawnWith(1))
		require.Zero(t, w.drawnWith(2))
		w.blocks(2)
		w.settle(w.allDrawn)
		require.Len(t, w.revealed(), 2)
		require.NotEqual(t, w.drawnWith(1), w.drawnWith(2))
		for i, id := range []pdx.DealID{1, 2} {
			require.GreaterOrEqual(t, w.revealed()[i].Height, w.drawBlock(id))
		}
		rest(time.Hour)
		require.Len(t, w.revealed(), 2, "nothing waits, nothing is sent")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestOnePoolOneReveal: what waited in one pool is served together, in as many messages as it takes.
func TestOnePoolOneReveal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.drawMost = 3
		s := w.start()
		pool := drawPool(t, s)
		require.NoError(t, s.Stop(t.Context()))
		for id := range pdx.DealID(8) {
			w.offered(id+1, pool)
		}
		w.blocks(3)
		s = w.start() // it was off meanwhile: no event tells
		w.settle(w.allDrawn)
		require.Len(t, w.revealed(), 1)
		require.NoError(t, s.Stop(t.Context()))
		require.Equal(t, 2, w.drawTxs)
	})
}

// TestAPreimageThatWasShownKeepsItsHeight: the transaction is lost, others offer meanwhile, and
// the preimage, which others may have seen, is sent with the height that it had.
func TestAPreimageThatWasShownKeepsItsHeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := drawPool(t, s)
		var shown atomic.Int64
		w.setFail(func(point string) error {
			if point == "+reveal" {
				shown.Add(1)
				return pdx.ErrUnavailable
			}
			return nil
		})
		w.offered(1, pool)
		w.blocks(3)
		w.settle(func() bool { return shown.Load() > 0 })
		require.NoError(t, s.Stop(t.Context()))
		w.blocks(50)
		w.offered(2, pool)
		w.blocks(50)
		w.setFail(nil)
		s = w.start()
		w.settle(w.drawnInTime)
		require.Len(t, w.revealed(), 2)
		require.Less(t, w.revealed()[0].Height, w.drawBlock(2))
		require.NotEqual(t, w.drawnWith(1), w.drawnWith(2))
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestDrawsSurviveEveryCrash kills the machine around every call.
func TestDrawsSurviveEveryCrash(t *testing.T) {
	for n := int64(1); n < 40; n++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			s := w.start()
			pool := drawPool(t, s)
			var points atomic.Int64
			w.setFail(func(string) error {
				if points.Add(1) >= n {
					return errCrash
				}
				return nil
			})
			w.offered(1, pool)
			w.blocks(3)
			rest(10 * time.Second)
			require.NoError(t, s.Stop(t.Context()))
			w.setFail(nil)
			s = w.start()
			w.settle(w.allDrawn)
			for _, r := range w.revealed() {
				require.Equal(t, w.revealed()[0], r, "the same preimage with the same height, if it was sent twice")
			}
			require.NoError(t, s.Stop(t.Context()))
		})
	}
}

// TestNothingIsRevealedForNothing: in a pool that is full or closed, and in another's.
func TestNothingIsRevealedForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s := w.start()
		pool := drawPool(t, s)
		w.mu.Lock()
		had := w.pools[pool-1].Escrow
		w.pools[pool-1].Escrow = 0
		w.mu.Unlock()
		w.offered(1, pool)
		w.blocks(3)
		rest(time.Hour)
		require.Empty(t, w.revealed())
		w.mu.Lock()
		w.pools[pool-1].Escrow = had
		w.mu.Unlock()
		rest(time.Hour)
		require.Len(t, w.revealed(), 1)
		_, err := s.ClosePool(t.Context(), model.ClosePool{ID: pool})
		require.NoError(t, err)
		w.offered(2, pool)
		w.blocks(3)
		rest(time.Hour)
		require.Len(t, w.revealed(), 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// TestTheCommitmentFollowsFromTheKey: a home that is restored reveals what it committed to.
func TestTheCommitmentFollowsFromTheKey(t *testing.T) {
	w := newWorld(t)
	s := w.service()
	drawPool(t, s)
	secret, err := w.secrets.Get(t.Context(), "pool-key/wish-1")
	require.NoError(t, err)
	key, err := seal.BuyerKeyFromBytes(secret)
	require.NoError(t, err)
	require.Equal(t, key.DrawChain(seal.DrawLength).Commitment(), w.pools[0].DrawCommitment)
}
