package dedup_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
)

const (
	segment    = dedup.SegmentSize
	perSegment = 4095
)

var pool = dedup.Pool{ChainID: "panacea-test-1", BuyerKey: pdx.Element{1}}

func keyOf(b byte) dedup.Key { return dedup.NewKey(pool, [32]byte{b}) }

// setOf returns the set of records with these values, by one key.
func setOf(t testing.TB, k dedup.Key, values ...uint64) dedup.Set {
	t.Helper()
	c, err := k.NewCollector()
	require.NoError(t, err)
	for _, v := range values {
		_, _ = c.Write(binary.BigEndian.AppendUint64(nil, v))
		require.NoError(t, c.End(0))
	}
	return c.Set()
}

func span(from, to uint64) (values []uint64) {
	for v := from; v < to; v++ {
		values = append(values, v)
	}
	return values
}

func sealed(t testing.TB, k dedup.Key, s dedup.Set) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, s.Seal(&b, k))
	require.Equal(t, dedup.SealedSize(uint64(s.Len())), uint64(b.Len()))
	return b.Bytes()
}

// TestOrderAndRepetitionDoNotMatter: the same records make the same tag and the same blob.
func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	k := keyOf(1)
	values := span(0, 10_000)
	first := setOf(t, k, values...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	second := setOf(t, k, append(values, 7, 7, 9)...)
	require.Equal(t, 10_000, second.Len())
	require.Equal(t, first.Tag(), second.Tag())
	require.Equal(t, sealed(t, k, first), sealed(t, k, second))
	require.NotEqual(t, first.Tag(), setOf(t, k, values[1:]...).Tag())
}

// TestNobodyElseCanTell: tag and blob are others under another key, so a list of candidates
// says nothing to whoever lacks it.
func TestNobodyElseCanTell(t *testing.T) {
	one, two := setOf(t, keyOf(1), span(0, 100)...), setOf(t, keyOf(2), span(0, 100)...)
	require.NotEqual(t, one.Tag(), two.Tag())
	require.NotEqual(t, sealed(t, keyOf(1), one), sealed(t, keyOf(2), two))
	_, err := dedup.ReadSet(keyOf(2), one.Tag(), bytes.NewReader(sealed(t, keyOf(1), one)))
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	other := pool
	other.ChainID = "elsewhere"
	require.NotEqual(t, keyOf(1).Commitment(), dedup.NewKey(other, [32]byte{1}).Commitment())
}

func TestKeysOfARecordAreApart(t *testing.T) {
	c, err := keyOf(1).NewCollector()
	require.NoError(t, err)
	for key := range uint8(2) {
		_, _ = c.Write([]byte("same"))
		require.NoError(t, c.End(key))
	}
	require.Equal(t, 2, c.Set().Len())
}

func TestSetsOfManySizes(t *testing.T) {
	k := keyOf(1)
	for _, n := range []uint64{1, 2, perSegment - 1, perSegment, perSegment + 1, 2 * perSegment, 2*perSegment + 5} {
		s := setOf(t, k, span(0, n)...)
		blob := sealed(t, k, s)
		require.True(t, dedup.ValidSize(uint64(len(blob))), n)
		got, err := dedup.ReadSet(k, s.Tag(), bytes.NewReader(blob))
		require.NoError(t, err)
		require.Equal(t, s, got)
		for _, cut := range []int{1, 16, 17, len(blob) / 2, len(blob) % segment} {
			_, err := dedup.ReadSet(k, s.Tag(), bytes.NewReader(blob[:len(blob)-cut]))
			require.ErrorIs(t, err, pdx.ErrCorrupt, "%d without %d", n, cut)
		}
		_, err = dedup.ReadSet(k, s.Tag(), bytes.NewReader(append(slices.Clone(blob), make([]byte, 16)...)))
		require.ErrorIs(t, err, pdx.ErrCorrupt)
	}
	for _, size := range []uint64{0, 15, 16, 31, 33, segment, segment + 15, 2 * segment, dedup.MaxSize + 16} {
		require.False(t, dedup.ValidSize(size), size)
	}
	require.True(t, dedup.ValidSize(32) && dedup.ValidSize(segment+16) && dedup.ValidSize(dedup.MaxSize))
}

func TestNoRecordsAreNoSet(t *testing.T) {
	k := keyOf(1)
	var none dedup.Set
	_, err := dedup.ReadSet(k, none.Tag(), bytes.NewReader(sealed(t, k, none)))
	require.ErrorIs(t, err, pdx.ErrCorrupt)
}

// TestOverlap counts a record once, in however many sets it occurs.
func TestOverlap(t *testing.T) {
	k := keyOf(1)
	o := dedup.NewOverlap(setOf(t, k, span(0, 1000)...))
	require.Equal(t, dedup.Share{All: 1000}, o.Share())
	for _, c := range []struct{ from, to, shared, common uint64 }{
		{2000, 9000, 0, 0},
		{990, 8000, 10, 10},
		{985, 1005, 15, 15},
		{0, 20, 20, 35},
	} {
		s := setOf(t, k, span(c.from, c.to)...)
		r, err := dedup.OpenSet(k, s.Tag(), bytes.NewReader(sealed(t, k, s)))
		require.NoError(t, err)
		shared, err := o.Add(r)
		require.NoError(t, err)
		require.EqualValues(t, c.shared, shared)
		require.Equal(t, dedup.Share{Common: c.common, All: 1000}, o.Share())
	}
	// What is read before a fault is found does not count.
	s := setOf(t, k, span(100, 900)...)
	blob := sealed(t, k, s)
	r, err := dedup.OpenSet(k, s.Tag(), io.MultiReader(bytes.NewReader(blob[:len(blob)-1])))
	require.NoError(t, err)
	_, err = o.Add(r)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	require.Equal(t, dedup.Share{Common: 35, All: 1000}, o.Share())
}

func TestShareByKey(t *testing.T) {
	collect := func(keys ...[2]uint64) dedup.Set {
		c, err := keyOf(1).NewCollector()
		require.NoError(t, err)
		for _, k := range keys {
			_, _ = c.Write(binary.BigEndian.AppendUint64(nil, k[1]))
			require.NoError(t, c.End(uint8(k[0])))
		}
		return c.Set()
	}
	o := dedup.NewOverlap(collect([2]uint64{0, 1}, [2]uint64{0, 2}, [2]uint64{1, 1}, [2]uint64{1, 2}))
	other := collect([2]uint64{0, 9}, [2]uint64{1, 2})
	r, err := dedup.OpenSet(keyOf(1), other.Tag(), bytes.NewReader(sealed(t, keyOf(1), other)))
	require.NoError(t, err)
	_, err = o.Add(r)
	require.NoError(t, err)
	require.Equal(t, dedup.Share{Common: 1, All: 2}, o.Share(), "by the second key")
}

func TestExceeds(t *testing.T) {
	for _, c := range []struct {
		share   dedup.Share
		ppm     uint32
		exceeds bool
	}{
		{dedup.Share{Common: 0, All: 10}, 0, false},
		{dedup.Share{Common: 1, All: 4_000_000}, 0, true},
		{dedup.Share{Common: 1, All: 100}, 10_000, false},
		{dedup.Share{Common: 2, All: 100}, 10_000, true},
		{dedup.Share{Common: 100, All: 100}, 1_000_000, false},
	} {
		require.Equal(t, c.exceeds, c.share.Exceeds(c.ppm), c)
	}
}
