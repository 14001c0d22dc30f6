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
	// heldBytes is how much a reader may hold when it has read many small records:
	// a few buffers.
	heldBytes = 1 << 20
	// allocatedBytes is how much reading one long record may allocate over all: a
	// few buffers, and what grows to options.MaxRecord by doubling.
	allocatedBytes = 16 << 20
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
	before := heap()
	many := c.Format.Read(c.Many(manyRecords), options)
	require.EqualValues(t, manyRecords, count(t, many, false))
	require.Less(t, heap(), before+heldBytes, "many records")
	runtime.KeepAlive(many)

	long := c.Format.Read(c.Long(longRecord), options)
	require.Less(t, allocated(func() { require.EqualValues(t, 1, count(t, long, true)) }), uint64(allocatedBytes), "a long record")
}

// count reads all records, which are all too long or all not.
func count(t *testing.T, r format.Reader, long bool) (n uint64) {
	t.Helper()
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

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// allocated is how many bytes work allocates.
func allocated(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// preview shows the first record, if it is small, and does not read everything.
func (c Case) preview(t *testing.T) {
	record, err := format.Preview(t.Context(), c.Format, Source(c.Good), options)
	require.NoError(t, err)
	require.JSONEq(t, c.Records[0], string(record))
	sources := map[string]format.Source{"none": Source(c.Empty)}
	if c.Long != nil {
		sources["too long"] = c.Long(longRecord)
	}
	for name, src := range sources {
		counted := &countedReaderAt{ReaderAt: src.ReaderAt}
		src.ReaderAt = counted
		record, err = format.Preview(t.Context(), c.Format, src, options)
		require.NoError(t, err, name)
		require.Nil(t, record, name)
		require.LessOrEqual(t, counted.n, 32<<20, name)
	}
	for name, spoiled := range c.Spoiled {
		record, err := format.Preview(t.Context(), c.Format, Source(spoiled.Data), options)
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
