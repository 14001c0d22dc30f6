package bao_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		size, segments uint64
		last           int
	}{
		{0, 0, 0}, {1, 1, 1}, {65535, 1, 65535}, {65536, 1, 65536}, {65537, 2, 1}, {131072, 2, 65536}, {^uint64(0), 1 << 48, 65535},
	} {
		require.Equal(t, c.segments, bao.Segments(c.size))
		require.Zero(t, bao.SegmentLen(c.size, c.segments))
		if c.segments > 0 {
			require.Equal(t, c.last, bao.SegmentLen(c.size, c.segments-1))
		}
	}
	require.NoError(t, bao.CheckSize(bao.MaxSize))
	require.ErrorIs(t, bao.CheckSize(bao.MaxSize+1), pdx.ErrInvalid)
	require.Zero(t, bao.TreeSize(0))
	require.Zero(t, bao.TreeSize(65536))
	require.Equal(t, uint64(64), bao.TreeSize(65537))
}

func TestRangeBytesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := uint64(max(1, anySize().Draw(t, "size")))
		run := anyRun(int(size)).Draw(t, "run")
		var sum uint64
		for i := run.First; i < run.End(); i++ {
			require.True(t, run.Has(i))
			sum += uint64(bao.SegmentLen(size, i))
		}
		require.Equal(t, sum, run.Bytes(size))
		require.False(t, run.Has(run.End()))
		require.NoError(t, run.Check(size))
	})
}

func TestRangesCheck(t *testing.T) {
	good := []bao.Ranges{nil, {{First: 0, Count: 1}}, {{First: 0, Count: 1}, {First: 1, Count: 5}, {First: 9, Count: 1}}}
	for _, rs := range good {
		require.NoError(t, rs.Check())
	}
	bad := []bao.Ranges{
		{{First: 0, Count: 0}},
		{{First: 0, Count: 2}, {First: 1, Count: 1}},
		{{First: 5, Count: 1}, {First: 1, Count: 1}},
		{{First: 2, Count: ^uint64(0)}},
	}
	for _, rs := range bad {
		require.ErrorIs(t, rs.Check(), pdx.ErrInvalid)
	}
	require.Equal(t, uint64(7), good[2].Segments())
}

// A bitmap behaves as a set of numbers.
func TestBitmapIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := anySize().Draw(t, "size") * rapid.SampledFrom([]int{1, 7}).Draw(t, "times")
		n := bao.Segments(uint64(size))
		m, set := bao.NewBitmap(n), map[uint64]bool{}
		var heldBytes uint64
		for range rapid.IntRange(0, int(n)).Draw(t, "adds") {
			i := rapid.Uint64Range(0, n-1).Draw(t, "add")
			if !set[i] {
				heldBytes += uint64(bao.SegmentLen(uint64(size), i))
			}
			m.Add(i)
			set[i] = true
		}
		require.Equal(t, uint64(len(set)), m.Held())
		require.Equal(t, heldBytes, m.HeldBytes(uint64(size)))
		require.Equal(t, len(set) == int(n), m.Complete())

		from, limit := rapid.Uint64Range(0, n+1).Draw(t, "from"), rapid.Uint64Range(0, n+1).Draw(t, "limit")
		require.Equal(t, naiveMissing(set, n, from, limit), m.NextMissing(from, limit))

		again, err := bao.ParseBitmap(n, m.Bytes())
		require.NoError(t, err)
		require.Equal(t, m, again)
		require.Equal(t, m, m.Clone())
	})
}

func naiveMissing(set map[uint64]bool, n, from, limit uint64) bao.Range {
	for from < n && set[from] {
		from++
	}
	if from >= n || limit == 0 {
		return bao.Range{First: n}
	}
	run := bao.Range{First: from}
	for run.Count < limit && run.End() < n && !set[run.End()] {
		run.Count++
	}
	return run
}

func TestFullBitmap(t *testing.T) {
	for _, n := range []uint64{0, 1, 63, 64, 65, 1000} {
		m := bao.NewBitmap(n)
		for i := range n {
			m.Add(i)
		}
		require.Equal(t, m, bao.FullBitmap(n))
		require.True(t, m.Complete())
		require.Panics(t, func() { m.Add(n) })
		require.False(t, m.Has(n))
	}
}

func FuzzParseBitmap(f *testing.F) {
	f.Add(uint64(65), bao.FullBitmap(65).Bytes())
	f.Add(uint64(3), []byte{8, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, n uint64, b []byte) {
		m, err := bao.ParseBitmap(n, b)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
			return
		}
		require.Equal(t, b, m.Bytes())
		require.LessOrEqual(t, m.Held(), n)
	})
}
