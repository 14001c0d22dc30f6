package lifecycle_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNothingRunsBeforeStart(t *testing.T) {
	var g lifecycle.Group
	require.False(t, g.Running())
	require.False(t, g.Go(func(context.Context) { t.Error("ran") }))
	_, _, err := g.Enter(t.Context())
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorIs(t, context.Cause(g.Context()), lifecycle.ErrStopped)
	require.NoError(t, g.Stop(t.Context()))
}

func TestStartIsOnce(t *testing.T) {
	var g lifecycle.Group
	broken := errors.New("broken")
	require.ErrorIs(t, g.Start(t.Context(), func() error { return broken }), broken)
	require.False(t, g.Running(), "what could not be prepared did not start")
	require.NoError(t, g.Start(t.Context(), nil))
	require.True(t, g.Running())
	require.ErrorIs(t, g.Start(t.Context(), func() error { t.Error("prepared twice"); return nil }), pdx.ErrWrongState)
	require.NoError(t, g.Stop(t.Context()))
	require.NoError(t, g.Stop(t.Context()))
	require.ErrorIs(t, g.Start(t.Context(), nil), pdx.ErrWrongState)
}

func TestStopEndsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g lifecycle.Group
		starting, cancel := context.WithCancel(t.Context())
		require.NoError(t, g.Start(starting, nil))
		cancel()
		require.True(t, g.Running(), "it lasts longer than the call that started it")

		ended := 0
		require.True(t, g.Go(func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(time.Second) // a bubble's
			ended++
		}))
		call, leave, err := g.Enter(t.Context())
		require.NoError(t, err)
		late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.ErrorIs(t, g.Stop(late), context.DeadlineExceeded)
		require.ErrorIs(t, context.Cause(call), lifecycle.ErrStopped)
		require.False(t, g.Go(func(context.Context) { t.Error("ran") }), "no new work")
		leave()
		require.NoError(t, g.Stop(t.Context()))
		require.Equal(t, 1, ended)
	})
}

func TestCallEndsWithItsCaller(t *testing.T) {
	var g lifecycle.Group
	require.NoError(t, g.Start(t.Context(), nil))
	ctx, cancel := context.WithCancel(t.Context())
	call, leave, err := g.Enter(ctx)
	require.NoError(t, err)
	cancel()
	<-call.Done()
	require.ErrorIs(t, context.Cause(call), context.Canceled)
	leave()
	require.NoError(t, g.Stop(t.Context()))
}
