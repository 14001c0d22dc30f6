package stream_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/stream"
)

func TestBuckets(t *testing.T) {
	now := time.Unix(1, 0)
	b := stream.NewBuckets[string](stream.Rate{PerSecond: 2, Burst: 3}, 2)
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
	b := stream.NewBuckets[int](stream.Rate{PerSecond: 2, Burst: 3, Debt: 24}, 8)
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
