package ordered

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	for workers := range 5 {
		given, under, worst := 0, 0, 0
		var worked atomic.Int64
		taken := 0
		next := func() (*int, bool) {
			if given == 100 {
				return nil, false
			}
			given++
			under++
			worst = max(worst, under)
			n := given
			return &n, true
		}
		work := func(worker int, batch *int) {
			worked.Add(1)
			*batch *= 2
			if worker < 0 || worker >= max(1, workers) {
				*batch = -1
			}
		}
		err := Run(workers, next, work, func(batch *int) error {
			taken++
			under--
			require.Equal(t, 2*taken, *batch)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 100, taken)
		require.EqualValues(t, 100, worked.Load())
		require.LessOrEqual(t, worst, max(1, workers+1))
	}
}

// An error of take ends everything, and nobody works behind it.
func TestRunStops(t *testing.T) {
	stop := errors.New("stop")
	for workers := range 4 {
		var worked atomic.Int64
		given, taken := 0, 0
		err := Run(workers, func() (int, bool) { given++; return given, true }, func(int, int) { worked.Add(1) }, func(int) error {
			if taken++; taken == 10 {
				return stop
			}
			return nil
		})
		require.ErrorIs(t, err, stop)
		after := worked.Load()
		require.EqualValues(t, given, after)
		require.LessOrEqual(t, given, 10+workers)
	}
}
