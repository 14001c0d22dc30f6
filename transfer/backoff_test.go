package transfer

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

func TestBackoffOfFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gone := defaultLimits(), fmt.Errorf("test: %w", pdx.ErrUnavailable)
		var b backoff
		for i, want := range []time.Duration{l.retryTime, 2 * l.retryTime, 4 * l.retryTime} {
			for range 4 { // its lanes fail together
				wait, ok := b.after(l, gone)
				require.True(t, ok, i)
				require.Equal(t, want, wait)
			}
			time.Sleep(want)
		}
		b.right()
		wait, ok := b.after(l, gone)
		require.True(t, ok, "what was verified in between counts")
		require.Equal(t, l.retryTime, wait)
		for range l.tries - 1 {
			time.Sleep(l.retryTime)
			_, ok = b.after(l, gone)
		}
		require.False(t, ok)
	})
}

func TestBackoffOfABusyPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := defaultLimits(), time.Now()
		var b backoff
		wait, ok := b.after(l, &busyError{})
		require.True(t, ok)
		require.Equal(t, minBusyWait, wait, "it must not make us spin")
		for ok {
			time.Sleep(wait)
			wait, ok = b.after(l, &busyError{after: 7 * time.Second})
		}
		require.InDelta(t, l.patience.Seconds(), time.Since(began).Seconds(), 7)
		b.right()
		_, ok = b.after(l, &busyError{after: 7 * time.Second})
		require.True(t, ok)
	})
}

func TestBackoffEnds(t *testing.T) {
	var b backoff
	for _, err := range []error{pdx.ErrCorrupt, pdx.ErrRefused, pdx.ErrNotFound} {
		_, ok := b.after(defaultLimits(), err)
		require.False(t, ok, err)
	}
}
