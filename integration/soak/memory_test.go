//go:build linux

package soak

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lived returns a life of 30 minutes whose memory is a function of the minute.
func lived(kib func(minute float64) float64) (l life) {
	start := time.Unix(0, 0)
	for at := time.Duration(0); at <= 30*time.Minute; at += watchEvery {
		l.samples = append(l.samples, rssSample{start.Add(at), int(kib(at.Minutes()))})
	}
	return l
}

func TestMemoryThatGrows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	waves := func(minute float64) float64 {
		return 90<<10 + 25<<10*math.Mod(minute, 1.7)/1.7 + 5<<10*random.Float64()
	}
	for name, c := range map[string]struct {
		kib  func(minute float64) float64
		grew bool
	}{
		"waves":           {waves, false},
		"a start's peak":  {func(minute float64) float64 { return waves(minute) + 300<<10*max(0, 1-minute/2) }, false},
		"peaks":           {func(minute float64) float64 { return waves(minute) + 400<<10*float64(int(minute)%7/6) }, false},
		"a cache at last": {func(minute float64) float64 { return waves(minute) + 10<<10*min(1, minute/20) }, false},
		"a slow leak":     {func(minute float64) float64 { return waves(minute) + 1<<10*minute }, true},
		"leaks at events": {func(minute float64) float64 { return waves(minute) + 6<<10*math.Floor(minute/5) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := lived(c.kib).warm()
			require.Equal(t, c.grew, l.grew(), "trend %.0f KiB, median %d KiB", l.trend(), l.median())
		})
	}
}

func TestShortLivesAreNotJudged(t *testing.T) {
	l := lived(func(minute float64) float64 { return 100 << 10 * minute })
	l.samples = l.samples[:60]
	require.Less(t, l.length(), warmUp+judgedFrom)
	require.False(t, l.warm().grew())
	require.Empty(t, life{}.warm().samples)
	require.Zero(t, life{}.length())
}

func TestAnotherProcessIsAnotherLife(t *testing.T) {
	start := time.Unix(0, 0)
	lives := remember(nil, 7, rssSample{start, 1})
	lives = remember(lives, 7, rssSample{start.Add(time.Minute), 2})
	lives = remember(lives, 8, rssSample{start.Add(2 * time.Minute), 3})
	require.Len(t, lives, 2)
	require.Equal(t, 7, longestLife(lives).pid)
}
