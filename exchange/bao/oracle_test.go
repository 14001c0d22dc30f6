package bao_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	zeebo "github.com/zeebo/blake3"
	luke "lukechampine.com/blake3/bao"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

const group = 6 // 64 KiB in bao's words

// sample is a blob with its tree, as a store would hold them.
type sample struct {
	data, tree []byte
	root       pdx.ContentID
}

func (s sample) size() uint64 { return uint64(len(s.data)) }

func (s sample) slice(t require.TestingT, run bao.Range) []byte {
	var b bytes.Buffer
	err := bao.WriteSlice(&b, s.root, s.size(), bytes.NewReader(s.tree), bytes.NewReader(s.data), run)
	require.NoError(t, err)
	return b.Bytes()
}

// memory grows as a file does.
type memory []byte

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if grow := int(off) + len(p) - len(*m); grow > 0 {
		*m = append(*m, make([]byte, grow)...)
	}
	return copy((*m)[off:], p), nil
}

// newSample builds the tree of data, written in pieces of step bytes.
func newSample(t require.TestingT, data []byte, step int) sample {
	var tree memory
	b := bao.NewBuilder(&tree)
	for rest := data; len(rest) > 0; {
		n, err := b.Write(rest[:min(step, len(rest))])
		require.NoError(t, err)
		rest = rest[n:]
	}
	root, size, err := b.Finish()
	require.NoError(t, err)
	require.Equal(t, uint64(len(data)), size)
	require.Equal(t, bao.TreeSize(size), uint64(len(tree)))
	return sample{data: data, tree: tree, root: root}
}

// noise is n bytes that differ everywhere.
func noise(n int, seed uint64) []byte {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	h, err := zeebo.NewKeyed(key[:])
	if err != nil {
		panic(err)
	}
	out := make([]byte, n)
	if _, err := h.Digest().Read(out); err != nil {
		panic(err)
	}
	return out
}

// collected is a sink that keeps everything, and checks the order of hand-over.
type collected struct {
	data memory
	tree memory
	held []uint64
}

func (c *collected) PutNode(split uint64, n bao.Node) error {
	_, err := c.tree.WriteAt(n[:], bao.NodeOffset(split))
	return err
}

func (c *collected) PutSegment(i uint64, data []byte) error {
	c.held = append(c.held, i)
	_, err := c.data.WriteAt(data, int64(i)*bao.SegmentSize)
	return err
}

var borders = []int{
	0, 1, 16, 1023, 1024, 1025, 16384, 16385, 65535, 65536, 65537, 65552, 131072, 131073,
	3 * 65536, 5*65536 + 17, 16 * 65536, 16*65536 + 16, 17 * 65536, 31*65536 + 1,
}

func anySize() *rapid.Generator[int] {
	return rapid.OneOf(rapid.SampledFrom(borders), rapid.IntRange(0, 40*bao.SegmentSize))
}

func anyRun(size int) *rapid.Generator[bao.Range] {
	return rapid.Custom(func(t *rapid.T) bao.Range {
		n := bao.Segments(uint64(size))
		first := rapid.Uint64Range(0, n-1).Draw(t, "first")
		return bao.Range{First: first, Count: rapid.Uint64Range(1, n-first).Draw(t, "count")}
	})
}

// bounds returns a run in bao's words.
func bounds(size uint64, run bao.Range) (offset, length uint64) {
	return run.First * bao.SegmentSize, run.Bytes(size)
}

func TestBuilderAgreesWithOtherImplementations(t *testing.T) {
	for _, size := range borders {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			data := noise(size, uint64(size))
			s := newSample(t, data, 10_007)
			require.Equal(t, zeebo.Sum256(data), [32]byte(s.root))
			_, root := luke.EncodeBuf(data, group, true)
			require.Equal(t, root, [32]byte(s.root))
		})
	}
	require.Equal(t, zeebo.Sum256(nil), [32]byte(bao.EmptyRoot))
}

// Every slice is byte for byte the one bao makes, and each side reads the other's.
func TestSlicesAgreeWithBao(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := max(1, anySize().Draw(t, "size"))
		run := anyRun(size).Draw(t, "run")
		s := newSample(t, noise(size, 1), rapid.IntRange(1, 200_000).Draw(t, "step"))
		offset, length := bounds(s.size(), run)

		slice := s.slice(t, run)
		encoded, _ := luke.EncodeBuf(s.data, group, false)
		var theirs bytes.Buffer
		require.NoError(t, luke.ExtractSlice(&theirs, bytes.NewReader(encoded), nil, group, offset, length))
		require.True(t, bytes.Equal(theirs.Bytes(), slice), "slices differ")

		got, ok := luke.VerifySlice(slice, group, offset, length, s.root)
		require.True(t, ok)
		require.True(t, bytes.Equal(s.data[offset:offset+length], got))
	})
}

// A partial holder that keeps the nodes it was handed can make every slice of
// what it holds.
func TestHandedNodesServeAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := max(1, anySize().Draw(t, "size"))
		s := newSample(t, noise(size, 2), 1<<20)
		run := anyRun(size).Draw(t, "run")
		var got collected
		require.NoError(t, bao.ReadSlice(bytes.NewReader(s.slice(t, run)), s.root, s.size(), run, &got))
		require.Equal(t, run.Count, uint64(len(got.held)))
		for k, i := range got.held {
			require.Equal(t, run.First+uint64(k), i, "in order")
		}

		inner := bao.Range{First: run.First + rapid.Uint64Range(0, run.Count-1).Draw(t, "skip"), Count: 1}
		var again bytes.Buffer
		err := bao.WriteSlice(&again, s.root, s.size(), bytes.NewReader(got.tree), bytes.NewReader(got.data), inner)
		require.NoError(t, err)
		require.True(t, bytes.Equal(s.slice(t, inner), again.Bytes()))
	})
}
