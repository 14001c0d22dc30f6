package retry

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// busy is the error of a peer that wants to be asked so much later.
type busy time.Duration

func (b busy) Error() string             { return "busy" }
func (b busy) Unwrap() error             { return pdx.ErrUnavailable }
func (b busy) RetryAfter() time.Duration { return time.Duration(b) }

func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, gone := DefaultPolicy(), fmt.Errorf("test: %w", pdx.ErrUnavailable)
		var s State
		for i, want := range []time.Duration{p.Pause.First, 2 * p.Pause.First, 4 * p.Pause.First} {
			for range 4 { // its streams fail together
				wait, again := s.After(p, gone)
				require.True(t, again, i)
				require.Equal(t, want, wait)
			}
			time.Sleep(want)
		}
		s.Succeeded()
		wait, again := s.After(p, gone)
		require.True(t, again, "what was verified in between counts")
		require.Equal(t, p.Pause.First, wait)
		for range p.Tries - 1 {
			time.Sleep(p.Pause.First)
			_, again = s.After(p, gone)
		}
		require.False(t, again)
	})
}

func TestBusyPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, began := DefaultPolicy(), time.Now()
		var s State
		wait, again := s.After(p, fmt.Errorf("test: %w", busy(0)))
		require.True(t, again)
		require.Equal(t, p.LeastBusy, wait, "it must not make us spin")
		for again {
			time.Sleep(wait)
			wait, again = s.After(p, busy(7*time.Second))
		}
		require.InDelta(t, p.Patience.Seconds(), time.Since(began).Seconds(), 7)
		s.Succeeded()
		_, again = s.After(p, busy(7*time.Second))
		require.True(t, again)
	})
}

func TestRefusalsEndIt(t *testing.T) {
	var s State
	for _, err := range []error{pdx.ErrCorrupt, pdx.ErrRefused, pdx.ErrNotFound} {
		_, again := s.After(DefaultPolicy(), err)
		require.False(t, again, err)
	}
}
