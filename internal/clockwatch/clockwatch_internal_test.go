package clockwatch

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestJumpsAreNoticed sets the clock and lets the machine sleep.
func TestJumpsAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var resumed atomic.Int64
		var ahead atomic.Int64 // of the time that the machine was awake
		c := New(func() { resumed.Add(1) }, slog.New(slog.DiscardHandler))
		clocks := c.read
		c.read = func() (time.Time, time.Duration) {
			wall, awake := clocks()
			return wall.Add(time.Duration(ahead.Load())), awake
		}
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()

		time.Sleep(time.Hour)
		require.Zero(t, resumed.Load(), "nothing happened")
		for range 3600 {
			ahead.Add(int64(time.Millisecond)) // it is slewed
			time.Sleep(time.Second)
		}
		require.Zero(t, resumed.Load(), "a clock that runs a little fast is no jump")
		for n, jump := range []time.Duration{time.Hour, -24 * time.Hour, 5 * time.Second, -3 * time.Second} {
			ahead.Add(int64(jump))
			time.Sleep(tick + time.Second)
			require.EqualValues(t, n+1, resumed.Load(), jump)
		}
		time.Sleep(time.Hour)
		require.EqualValues(t, 4, resumed.Load(), "each is noticed once")
		end()
		<-done
	})
}

// TestStopsAreNoticed stops the process: both clocks go on, and the tick is late.
func TestStopsAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var resumed, stoppedFor atomic.Int64
		c := New(func() { resumed.Add(1) }, slog.New(slog.DiscardHandler))
		clocks := c.read
		c.read = func() (time.Time, time.Duration) {
			wall, awake := clocks()
			return wall.Add(time.Duration(stoppedFor.Load())), awake + time.Duration(stoppedFor.Load())
		}
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()
		for n, stop := range []time.Duration{stopped - time.Second, stopped + time.Second, time.Minute} {
			stoppedFor.Add(int64(stop))
			time.Sleep(time.Minute)
			require.EqualValues(t, n, resumed.Load(), stop)
		}
		end()
		<-done
	})
}
