package bao_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	oracle "lukechampine.com/blake3/bao"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// TestChunkSlicesAreThoseOfTheLibrary compares slices of chunks with those of another
// implementation, for blobs of every shape of tree.
func TestChunkSlicesAreThoseOfTheLibrary(t *testing.T) {
	for _, size := range []int{1, 1023, 1024, 1025, 3 * 1024, 65_535, 65_536, 65_537, 65_552, 131_072, 200_000, 5*65_536 + 17} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			data := noise(size, 7)
			s := newSample(t, data, size)
			outboard, root := oracle.EncodeBuf(data, 0, true)
			require.Equal(t, root, [32]byte(s.root))
			n := bao.Chunks(s.size())
			require.EqualValues(t, (size+1023)/1024, n)
			longest := 0
			for i := uint64(0); i < n; i += 1 + n/40 {
				segment := s.slice(t, bao.Range{First: i / 64, Count: 1})
				slice, err := bao.ChunkSlice(segment, s.root, s.size(), i)
				require.NoError(t, err)
				var want bytes.Buffer
				length := min(1024, s.size()-1024*i)
				at := bytes.NewReader(data[1024*i:])
				require.NoError(t, oracle.ExtractSlice(&want, at, bytes.NewReader(outboard), 0, 1024*i, length))
				require.Equal(t, want.Bytes(), slice)
				chunk, err := bao.VerifyChunk(slice, s.root, s.size(), i)
				require.NoError(t, err)
				require.Equal(t, data[1024*i:1024*i+length], chunk)
				longest = max(longest, len(slice))
			}
			require.LessOrEqual(t, uint64(longest), bao.MaxChunkSlice(s.size()))
		})
	}
}

// TestChunkSlicesThatLie changes each byte of a slice, its length, and what it is said to be.
func TestChunkSlicesThatLie(t *testing.T) {
	data := noise(70*1024+5, 3)
	s := newSample(t, data, len(data))
	const i = 66
	slice, err := bao.ChunkSlice(s.slice(t, bao.Range{First: 1, Count: 1}), s.root, s.size(), i)
	require.NoError(t, err)
	for at := range slice {
		bad := bytes.Clone(slice)
		bad[at] ^= 1
		_, err := bao.VerifyChunk(bad, s.root, s.size(), i)
		require.ErrorIs(t, err, pdx.ErrCorrupt, "byte %d", at)
	}
	for _, bad := range [][]byte{nil, slice[:7], slice[:8], slice[:100], slice[:len(slice)-1], append(bytes.Clone(slice), 0)} {
		_, err := bao.VerifyChunk(bad, s.root, s.size(), i)
		require.ErrorIs(t, err, pdx.ErrCorrupt, "%d bytes", len(bad))
	}
	for _, other := range []uint64{0, i - 1, i + 1, 70} {
		_, err := bao.VerifyChunk(slice, s.root, s.size(), other)
		require.ErrorIs(t, err, pdx.ErrCorrupt, "chunk %d", other)
	}
	_, err = bao.VerifyChunk(slice, s.root, s.size(), 71)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = bao.VerifyChunk(slice, s.root, s.size()-1, i)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	_, err = bao.VerifyChunk(slice, s.root, bao.MaxSize+1, i)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = bao.ChunkSlice(s.slice(t, bao.Range{First: 0, Count: 1}), s.root, s.size(), i)
	require.ErrorIs(t, err, pdx.ErrCorrupt, "of another segment")
	_, err = bao.ChunkSlice(nil, s.root, s.size(), i)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
}

func FuzzVerifyChunk(f *testing.F) {
	data := noise(70*1024+5, 3)
	s := newSample(f, data, len(data))
	slice, err := bao.ChunkSlice(s.slice(f, bao.Range{First: 1, Count: 1}), s.root, s.size(), 66)
	require.NoError(f, err)
	f.Add(slice, uint64(66))
	f.Add(slice[:9], uint64(1)<<63)
	f.Fuzz(func(t *testing.T, slice []byte, i uint64) {
		if chunk, err := bao.VerifyChunk(slice, s.root, s.size(), i); err == nil {
			require.Equal(t, data[1024*i:min(len(data), int(1024*i+1024))], chunk)
		}
	})
}
