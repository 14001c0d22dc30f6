package validator_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/validator"
)

func TestAskerWhoLeavesFreesTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		slow, good := w.offer(1, patients(3)), w.offer(2, patients(3))
		w.block = func(ctx context.Context) error { <-ctx.Done(); return pdx.ErrUnavailable }
		s := w.start(func(c *validator.Config) { c.Workers = 1 })
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { _, err := s.Validate(ctx, slow, quiet); ended <- err }()
		synctest.Wait()
		require.Equal(t, 1, s.Queue().Running)

		queued := make(chan pdx.Progress, 10)
		answered := make(chan error, 1)
		go func() {
			_, err := s.Validate(t.Context(), good, func(p pdx.Progress) {
				if p.Stage == pdx.StageQueued {
					queued <- p
				}
			})
			answered <- err
		}()
		require.Equal(t, uint64(0), (<-queued).Done)
		synctest.Wait()
		require.Equal(t, 1, s.Queue().Waiting)
		w.edit(func() { w.block = nil })
		leave()
		require.ErrorIs(t, <-ended, pdx.ErrUnavailable)
		require.NoError(t, <-answered)
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestDeadlineEndsAStalledSeller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		w.block = func(ctx context.Context) error { <-ctx.Done(); return pdx.ErrUnavailable }
		s := w.start()
		_, err := s.Validate(t.Context(), req, quiet) // time passes by itself
		require.ErrorContains(t, err, "too long")
		require.True(t, validator.Retry(err))
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestStopEndsValidations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		req := w.offer(1, patients(3))
		w.block = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		s := w.start()
		ended := make(chan error, 1)
		go func() { _, err := s.Validate(t.Context(), req, quiet); ended <- err }()
		synctest.Wait()
		require.NoError(t, s.Stop(t.Context()))
		require.NoError(t, s.Stop(t.Context()))
		require.ErrorIs(t, <-ended, validator.ErrStopped)
		_, err := s.Validate(t.Context(), req, quiet)
		require.ErrorIs(t, err, validator.ErrStopped)
	})
}

func TestOneAskerCannotFillTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.block = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		s := w.start()
		ended := make(chan error, 100)
		const many = 20
		for id := range pdx.DealID(many) {
			req := w.offer(id+1, patients(1))
			go func() { _, err := s.Validate(t.Context(), req, quiet); ended <- err }()
		}
		synctest.Wait()
		require.Len(t, ended, many-16)
		for range many - 16 {
			require.ErrorIs(t, <-ended, validator.ErrBusy)
		}
		require.NoError(t, s.Stop(t.Context()))
	})
}

// A deal is in work once for an asker. When it is done, or waits for a block, it may be
// asked for again.
func TestSameDealTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := &blocks{world: w, sent: make(chan pdx.DealID, 1), block: make(chan struct{})}
		release := make(chan struct{})
		w.block = func(context.Context) error { <-release; return nil }
		s := w.start(func(c *validator.Config) { c.Ledger = b })
		req := w.offer(1, patients(1))
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := s.Validate(t.Context(), req, quiet); first <- err }()
		synctest.Wait()
		_, err := s.Validate(t.Context(), req, quiet)
		require.ErrorContains(t, err, "already")
		require.True(t, validator.Retry(err))
		require.NotErrorIs(t, err, validator.ErrBusy)

		close(release)
		synctest.Wait()
		require.Equal(t, 1, s.Queue().Certifying)
		go func() { _, err := s.Validate(t.Context(), req, quiet); second <- err }()
		synctest.Wait()
		require.Empty(t, second)
		close(b.block)
		require.NoError(t, <-first)
		require.NoError(t, <-second)
		_, err = s.Validate(t.Context(), req, quiet)
		require.NoError(t, err)
		require.NoError(t, s.Stop(t.Context()))
	})
}

func TestNoRoomForMore(t *testing.T) {
	w := newWorld(t)
	one, two := w.offer(1, patients(1000)), w.offer(2, patients(1000))
	s := w.start(func(c *validator.Config) { c.MaxKept = w.deal(1).Dataset.Size + 10 })
	_, err := s.Validate(t.Context(), one, quiet)
	require.NoError(t, err)
	_, err = s.Validate(t.Context(), two, quiet)
	require.ErrorIs(t, err, validator.ErrNoRoom)
	require.True(t, validator.Retry(err))
}
