package stream_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/stream"
)

// The first phase: a stream whose request has not come is no work in hand.
func TestStopEndsReading(t *testing.T) {
	w := newWorld(t, echoes)
	d := w.dialer(t)
	silent, half := w.raw(t, d, []byte{9}), w.raw(t, d, []byte{9, 1, 2})
	w.requireOpen(t, 2)
	require.NoError(t, w.Stop(t.Context()), "nothing was cut off")
	requireReset(t, silent, network.StreamShutdown)
	requireReset(t, half, network.StreamShutdown)
}

// The second phase: work in hand is waited for, and nothing new is taken.
func TestStopWaitsForWork(t *testing.T) {
	h := newHolder(t)
	w := newWorld(t, h.handle)
	d := w.dialer(t)
	done := w.hold(t, h, d)
	stopped := make(chan error, 1)
	go func() { stopped <- w.Stop(context.WithoutCancel(t.Context())) }()
	require.Eventually(t, func() bool {
		_, err := w.ask(t.Context(), w.dialer(t), "more")
		return errors.Is(err, errOther) || errors.Is(err, errLost)
	}, patience, time.Millisecond)
	require.Empty(t, stopped)
	h.letGo()
	require.NoError(t, receive(t, done), "the answer came")
	require.NoError(t, receive(t, stopped))
}

// The third phase: what is not done when the context ends is reset and counted.
func TestStopCutsOff(t *testing.T) {
	h := newHolder(t)
	w := newWorld(t, h.handle)
	d := w.dialer(t)
	first, second := w.hold(t, h, d), w.hold(t, h, d)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := w.Stop(ctx)
	var cut *stream.CutError
	require.ErrorAs(t, err, &cut)
	require.Equal(t, stream.CutError{Service: "test.echo", Streams: 2, Cause: context.DeadlineExceeded}, *cut)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "2 streams")
	require.ErrorIs(t, receive(t, first), errLost)
	require.ErrorIs(t, receive(t, second), errLost)
	require.NoError(t, w.Stop(t.Context()), "nothing is left")
}

// A handler that does not even listen to its context does not hold Stop.
func TestStopDoesNotWaitForEver(t *testing.T) {
	in, release := make(chan struct{}), make(chan struct{})
	w := newWorld(t, func(context.Context, *stream.ServerStream) error {
		close(in)
		<-release
		return nil
	})
	w.raw(t, w.dialer(t), []byte{1})
	receive(t, in)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var cut *stream.CutError
	require.ErrorAs(t, w.Stop(ctx), &cut)
	require.Equal(t, 1, cut.StillRunning)
	close(release)
	require.NoError(t, w.Stop(t.Context()))
}

// Work that may be broken off ends when the stop begins.
func TestStopping(t *testing.T) {
	in := make(chan struct{})
	w := newWorld(t, func(_ context.Context, s *stream.ServerStream) error {
		close(in)
		<-s.Stopping().Done()
		return stream.ErrStopped
	})
	s := w.raw(t, w.dialer(t), []byte{1})
	receive(t, in)
	require.NoError(t, w.Stop(t.Context()))
	requireReset(t, s, network.StreamShutdown)
}
