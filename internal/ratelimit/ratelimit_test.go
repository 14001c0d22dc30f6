package ratelimit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/ratelimit"
)

func TestBuckets(t *testing.T) {
	now := time.Unix(1, 0)
	b := ratelimit.New[string](ratelimit.Rate{PerSecond: 2, Burst: 3}, 2)
	for range 3 {
		require.True(t, b.Allow("a", 1, now))
	}
	require.False(t, b.Allow("a", 1, now))
	require.True(t, b.Allow("b", 1, now), "another key has its own")
	now = now.Add(500 * time.Millisecond)
	require.True(t, b.Allow("a", 1, now))
	require.False(t, b.Allow("a", 1, now))
	require.True(t, b.Allow("b", 1, now))
	require.False(t, b.Allow("b", 3, now), "all tokens or none")
	require.True(t, b.Allow("b", 2, now))
	for range 3 {
		require.True(t, b.Allow("c", 1, now), "the table is full: strangers share one bucket")
	}
	require.False(t, b.Allow("d", 1, now))
	require.True(t, b.Allow("e", 3, now.Add(time.Minute)), "full buckets are forgotten")
	require.True(t, b.Allow("d", 3, now.Add(time.Minute)))
}

func TestDebts(t *testing.T) {
	now := time.Unix(1, 0)
	b := ratelimit.New[int](ratelimit.Rate{PerSecond: 2, Burst: 3, Debt: 24}, 8)
	require.True(t, b.Has(1, now))
	b.Charge(1, 9, now)
	require.False(t, b.Has(1, now))
	require.False(t, b.Has(1, now.Add(3400*time.Millisecond)))
	require.True(t, b.Allow(1, 1, now.Add(3600*time.Millisecond)), "six are owed, and one is there")
	b.Charge(1, 1_000_000, now.Add(3600*time.Millisecond))
	require.False(t, b.Has(1, now.Add(15*time.Second)))
	require.True(t, b.Has(1, now.Add(16200*time.Millisecond)), "a debt has a bound")
	require.True(t, b.Has(2, now), "another has its own")
	b.Charge(2, -5, now)
	require.True(t, b.Allow(2, 3, now))
	require.False(t, b.Allow(2, 1, now), "no more than the burst is given back")
}

func TestReservations(t *testing.T) {
	now := time.Unix(1, 0)
	b := ratelimit.New[int](ratelimit.Rate{PerSecond: 2, Burst: 3, Debt: 6}, 8)
	reserve := func(n int, most time.Duration, want time.Duration) {
		t.Helper()
		wait, ok := b.Reserve(1, n, most, now)
		require.True(t, ok)
		require.Equal(t, want, wait)
	}
	reserve(3, 0, 0)
	_, ok := b.Reserve(1, 1, 499*time.Millisecond, now)
	require.False(t, ok, "longer than it may take")
	reserve(1, 500*time.Millisecond, 500*time.Millisecond)
	reserve(4, time.Minute, 2500*time.Millisecond)
	_, ok = b.Reserve(1, 2, time.Minute, now)
	require.False(t, ok, "more than may be owed")
	require.False(t, b.Has(1, now.Add(2900*time.Millisecond)), "what was refused is not owed")
	require.True(t, b.Has(1, now.Add(3100*time.Millisecond)))
	b.Charge(1, -5, now)
	reserve(0, 0, 0)
	wait, ok := b.Reserve(2, 9, time.Minute, now)
	require.True(t, ok, "another has its own")
	require.Equal(t, 3*time.Second, wait)
}
