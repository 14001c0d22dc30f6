package blobtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob"
)

// Smalls are n small blobs of many sizes, the empty one and the largest among them.
func Smalls(n int, seed uint64) (all [][]byte) {
	sizes := []int{0, seg, 1, 1024, 1025, seg - 1, 16, 777}
	for i := range n {
		size := 100 + i
		if i < len(sizes) {
			size = sizes[i]
		}
		all = append(all, Bytes(size, seed<<32+uint64(i)))
	}
	return all
}

// AddBatch stores small blobs as one batch and is their roots.
func AddBatch(t testing.TB, s blob.Store, all [][]byte) (ids []pdx.ContentID) {
	t.Helper()
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, b.Abort()) }()
	for _, data := range all {
		ids = append(ids, Root(data))
		require.NoError(t, b.Put(Root(data), data))
	}
	require.NoError(t, b.Commit(t.Context()))
	return ids
}

// RequireSmall reads small blobs back in every way.
func RequireSmall(t testing.TB, s blob.Store, all [][]byte) {
	t.Helper()
	p := make([]byte, blob.MaxSmall)
	for _, data := range all {
		RequireWhole(t, s, data)
		got, err := s.Small(t.Context(), Root(data), p)
		require.NoError(t, err)
		require.Equal(t, len(data), len(got))
		require.Equal(t, Root(data), Root(got))
	}
}
