package backoff_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/internal/backoff"
)

func TestDoubling(t *testing.T) {
	d := backoff.Doubling{First: 2 * time.Second, Most: 5 * time.Minute}
	for failures, want := range map[int]time.Duration{
		0: 2 * time.Second, 1: 4 * time.Second, 7: 256 * time.Second, 8: 5 * time.Minute, math.MaxInt: 5 * time.Minute, -1: 2 * time.Second,
	} {
		require.Equal(t, want, d.After(failures), failures)
	}
	require.Equal(t, time.Second, backoff.Doubling{First: time.Minute, Most: time.Second}.After(3))
}

func TestJitter(t *testing.T) {
	require.Zero(t, backoff.Jitter(0))
	require.Zero(t, backoff.Jitter(-time.Second))
	rapid.Check(t, func(t *rapid.T) {
		pause := time.Duration(rapid.Int64Range(1, int64(24*time.Hour)).Draw(t, "pause"))
		got := backoff.Jitter(pause)
		require.GreaterOrEqual(t, got, pause/2)
		require.Less(t, got, pause/2+pause)
	})
}
