package formattest

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/format"
)

// Repeat makes a source of n times unit between head and tail, without holding it
// in memory.
func Repeat(head, unit, tail string, n int) format.Source {
	block := strings.Repeat(unit, 1+(64<<10)/len(unit)) // many are copied at once
	r := repeated{head, block, tail, int64(n) * int64(len(unit))}
	return format.Source{ReaderAt: r, Size: int64(len(head)+len(tail)) + r.middle}
}

type repeated struct {
	head, block, tail string
	middle            int64 // bytes of blocks, the last of which is cut off
}

// ReadAt implements io.ReaderAt.
func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		rest := r.from(off + int64(n))
		if rest == "" {
			return n, io.EOF
		}
		n += copy(p[n:], rest)
	}
	return n, nil
}

// from is some of what lies at an offset.
func (r repeated) from(off int64) string {
	if off < int64(len(r.head)) {
		return r.head[off:]
	}
	if off -= int64(len(r.head)); off < r.middle {
		block := r.block[off%int64(len(r.block)):]
		return block[:min(int64(len(block)), r.middle-off)]
	}
	if off -= r.middle; off < int64(len(r.tail)) {
		return r.tail[off:]
	}
	return ""
}

const (
	manyRecords = 200_000
	longRecord  = 64 << 20
	// bound is how much reading may allocate over all, whatever the size of the
	// data: a few buffers, and a record that grows to options.MaxRecord by doubling.
	bound = 16 << 20
)

// longRecords are defects that count as records, and do not hide their neighbours.
func (c Case) longRecords(t *testing.T) {
	longest := 0
	whole := readAll(t, c.Format, c.Good, options)
	for _, item := range whole {
		longest = max(longest, len(item.text))
	}
	items := readAll(t, c.Format, c.Good, format.Options{MaxRecord: uint64(longest - 1)})
	require.Len(t, items, len(whole))
	for i, item := range items {
		if len(whole[i].text) < longest {
			require.Equal(t, whole[i], item)
			continue
		}
		require.Equal(t, format.RuleRecordBytes, item.defect.Rule)
		require.True(t, item.defect.Record)
	}
	require.Equal(t, whole, readAll(t, c.Format, c.Good, format.Options{MaxRecord: uint64(longest)}), "the limit itself is allowed")
}

// memory reads much data, of many records and of one, in bounded memory.
func (c Case) memory(t *testing.T) {
	n := allocated(t, func() {
		require.EqualValues(t, manyRecords, c.count(t, c.Many(manyRecords), false))
	})
	require.Less(t, n, uint64(bound), "many records")
	n = allocated(t, func() {
		require.EqualValues(t, 1, c.count(t, c.Long(longRecord), true))
	})
	require.Less(t, n, uint64(bound), "a long record")
}

// count reads all records, which are all too long or all not.
func (c Case) count(t *testing.T, src format.Source, long bool) (n uint64) {
	r := c.Format.Read(src, options)
	for ; ; n++ {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			return n
		}
		var defect *format.Defect
		if errors.As(err, &defect) != long || err != nil && defect == nil {
			t.Fatalf("record %d: %v", n+1, err)
		}
	}
}

// allocated is how many bytes work allocates.
func allocated(t *testing.T, work func()) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// preview shows the first record, if it is small, and does not read everything.
func (c Case) preview(t *testing.T) {
	record, err := format.Preview(t.Context(), c.Format, Source(c.Good), options.MaxRecord)
	require.NoError(t, err)
	require.JSONEq(t, c.Records[0], string(record))
	for name, src := range map[string]format.Source{"none": Source(c.Empty), "too long": c.Long(longRecord)} {
		counted := &countedReaderAt{ReaderAt: src.ReaderAt}
		src.ReaderAt = counted
		record, err = format.Preview(t.Context(), c.Format, src, options.MaxRecord)
		require.NoError(t, err, name)
		require.Nil(t, record, name)
		require.LessOrEqual(t, counted.n, 32<<20, name)
	}
	for name, spoiled := range c.Spoiled {
		record, err := format.Preview(t.Context(), c.Format, Source(spoiled.Data), options.MaxRecord)
		require.NoError(t, err, name)
		require.NotContains(t, strings.ToUpper(string(record)), "SPOILED", "what is wrong is not shown")
	}
}

// countedReaderAt counts the bytes that are read.
type countedReaderAt struct {
	io.ReaderAt
	n int
}

func (c *countedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += n
	return n, err
}
