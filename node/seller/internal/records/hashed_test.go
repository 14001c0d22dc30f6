package records

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx/criteria/format/formattest"
)

// countedReaderAt counts the bytes that are read.
type countedReaderAt struct {
	r io.ReaderAt
	n int
}

func (c *countedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += n
	return n, err
}

// However data is read, and how little of it, the hash is that of all; what is read
// in order is not read again.
func TestHashedSource(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "data")
		h := newHashedSource(formattest.Source(data))
		for range rapid.IntRange(0, 10).Draw(t, "reads") {
			off := rapid.IntRange(0, len(data)).Draw(t, "off")
			p := make([]byte, rapid.IntRange(0, 100).Draw(t, "length"))
			n, err := h.ReadAt(p, int64(off))
			if n < len(p) {
				require.ErrorIs(t, err, io.EOF)
			}
			require.True(t, bytes.HasPrefix(data[off:], p[:n]))
		}
		sum, err := h.sum()
		require.NoError(t, err)
		require.Equal(t, blake3.Sum256(data), sum)
	})
	src := formattest.Source("in order")
	counted := &countedReaderAt{r: src.ReaderAt}
	src.ReaderAt = counted
	h := newHashedSource(src)
	_, err := io.Copy(io.Discard, h.source().Reader())
	require.NoError(t, err)
	_, err = h.sum()
	require.NoError(t, err)
	require.Equal(t, int(src.Size), counted.n)
}
