package blobtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	zeebo "github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// Bytes are size bytes that look random and are the same for the same seed.
func Bytes(size int, seed uint64) []byte {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	h, err := zeebo.NewKeyed(key[:])
	if err != nil {
		panic(err) // the key has its length
	}
	out := make([]byte, size)
	_, _ = h.Digest().Read(out) // never fails
	return out
}

// Root addresses data.
func Root(data []byte) pdx.ContentID { return pdx.ContentID(zeebo.Sum256(data)) }

// Add stores data and is its root.
func Add(t testing.TB, s blob.Store, data []byte) pdx.ContentID {
	t.Helper()
	w, err := s.Create(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Abort()) }()
	_, err = w.Write(data)
	require.NoError(t, err)
	info, err := w.Commit(t.Context())
	require.NoError(t, err)
	return info.ID
}

// Slice is the slice of a run of segments of data.
func Slice(t testing.TB, data []byte, run bao.Range) []byte {
	t.Helper()
	var tree recorder
	b := bao.NewBuilder(&tree)
	_, err := b.Write(data)
	require.NoError(t, err)
	root, size, err := b.Finish()
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, bao.WriteSlice(&out, root, size, bytes.NewReader(tree), bytes.NewReader(data), run))
	return out.Bytes()
}

// Put puts a run of segments of data into a Partial, as a pull does.
func Put(t testing.TB, p blob.Partial, data []byte, run bao.Range) {
	t.Helper()
	slice := bytes.NewReader(Slice(t, data, run))
	require.NoError(t, bao.ReadSlice(slice, Root(data), uint64(len(data)), run, p))
}

// RequireWhole reads the blob back, in full and as verified slices.
func RequireWhole(t testing.TB, s blob.Store, data []byte) {
	t.Helper()
	size := uint64(len(data))
	info, err := s.Stat(t.Context(), Root(data))
	require.NoError(t, err)
	require.Equal(t, blob.Info{ID: Root(data), Size: size, Held: size, Complete: true}, info)

	b, err := s.Open(t.Context(), Root(data))
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, size, b.Size())
	got, err := io.ReadAll(io.NewSectionReader(b, 0, int64(size)))
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, got), "bytes differ")
	if size > 0 {
		var slice bytes.Buffer
		require.NoError(t, b.WriteSlice(&slice, bao.All(size)))
		require.True(t, bytes.Equal(Slice(t, data, bao.All(size)), slice.Bytes()), "slices differ")
	}
}

// recorder is a tree in memory.
type recorder []byte

func (r *recorder) WriteAt(p []byte, off int64) (int, error) {
	if grow := int(off) + len(p) - len(*r); grow > 0 {
		*r = append(*r, make([]byte, grow)...)
	}
	return copy((*r)[off:], p), nil
}
