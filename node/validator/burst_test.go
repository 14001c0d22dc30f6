package validator_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

// blocks is a ledger whose certificates get into a block only when one is made.
type blocks struct {
	*world
	sent  chan pdx.DealID // each certificate that waits
	block chan struct{}   // closed by the next block
}

func (b *blocks) Certify(ctx context.Context, id pdx.DealID, facts [32]byte, c pdx.Certificate) error {
	b.sent <- id
	select {
	case <-b.block:
		return b.world.Certify(ctx, id, facts, c)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", pdx.ErrUnavailable, ctx.Err())
	}
}

// A validation whose certificate waits for a block keeps no worker and no place:
// one seller's burst goes on, and another seller is served.
func TestNothingWaitsForABlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst, places = 256, 16
		w := newWorld(t)
		b := &blocks{world: w, sent: make(chan pdx.DealID, burst+places+2), block: make(chan struct{})}
		s := w.start(func(c *validator.Config) { c.Ledger, c.Workers = b, 1 })
		ended := make(chan error, burst+places)
		for id := range pdx.DealID(burst) {
			go func(req validator.Request) {
				_, err := s.Validate(t.Context(), req, quiet)
				ended <- err
			}(w.offer(id+1, patients(1)))
			synctest.Wait()
			require.Len(t, b.sent, int(id)+1)
			require.Zero(t, s.Queue().Running)
		}
		require.Empty(t, ended)
		// Those that wait for a block are bounded, too: the next ones keep their places.
		for id := range pdx.DealID(places) {
			go func(req validator.Request) {
				_, err := s.Validate(t.Context(), req, quiet)
				ended <- err
			}(w.offer(burst+id+1, patients(1)))
			synctest.Wait()
		}
		_, err := s.Validate(t.Context(), w.offer(burst+places+1, patients(1)), quiet)
		require.ErrorIs(t, err, validator.ErrBusy)

		close(b.block)
		for range burst + places {
			require.NoError(t, <-ended)
		}
		_, err = s.Validate(t.Context(), w.offer(burst+places+2, patients(1)), quiet)
		require.NoError(t, err, "all places are free again")
		require.NoError(t, s.Stop(t.Context()))
	})
}

// An asker that leaves with the verdict costs nothing more, and the certificate
// goes on without it.
func TestCertificateGoesOnWithoutTheAsker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := &blocks{world: w, sent: make(chan pdx.DealID, 2), block: make(chan struct{})}
		s := w.start(func(c *validator.Config) { c.Ledger = b })
		req := w.offer(1, patients(1))
		asked, leave := context.WithCancel(t.Context())
		_, err := s.Validate(asked, req, func(p pdx.Progress) {
			if p.Stage == pdx.StageCertifying {
				require.True(t, p.Verdict.Accepted)
				leave()
			}
		})
		require.ErrorIs(t, err, pdx.ErrUnavailable)
		require.Equal(t, pdx.DealID(1), <-b.sent)

		again := make(chan error, 1)
		go func() { _, err := s.Validate(t.Context(), req, quiet); again <- err }()
		synctest.Wait()
		require.Empty(t, again, "the deal is being certified")
		close(b.block)
		require.NoError(t, <-again)
		require.Empty(t, b.sent, "it is certified once")
		require.Len(t, w.deal(1).Certificates, 1)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// Workers go to askers in turn: one seller's burst keeps another waiting for one
// validation, not for all.
func TestBurstOfOneSellerLeavesOthersTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.block = func(ctx context.Context) error {
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
			}
			return ctx.Err()
		}
		s := w.start(func(c *validator.Config) { c.Workers = 1 })
		var mu sync.Mutex
		var order []pdx.Address
		var work sync.WaitGroup
		ask := func(id pdx.DealID, asker pdx.Address) {
			req := w.offer(id, patients(1))
			d := w.deal(id)
			d.Seller, req.Asker = asker, asker
			w.set(d)
			w.edit(func() { w.remote[asker] = w.remote[seller] })
			work.Go(func() {
				_, err := s.Validate(t.Context(), req, quiet)
				mu.Lock()
				defer mu.Unlock()
				order = append(order, asker)
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for id := range pdx.DealID(16) {
			ask(id+1, seller)
		}
		for id := range pdx.DealID(3) {
			ask(id+100, "panacea1other")
		}
		work.Wait()
		require.Equal(t, []pdx.Address{
			seller, "panacea1other", seller, "panacea1other", seller, "panacea1other", seller,
		}, order[:7])
		require.Len(t, order, 19)
		require.NoError(t, s.Stop(t.Context()))
	})
}
