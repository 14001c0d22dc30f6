package blobtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// OpenBackend opens a store in a folder, with what an earlier opening left there.
type OpenBackend func(t *testing.T, folder string) blob.Backend

// RunReopened checks what a store that outlives its process has when it is opened again:
// what was committed or checkpointed, and nothing else. It does not cut the power; a store
// on disk needs a test of its own for that.
func RunReopened(t *testing.T, open OpenBackend) {
	for name, test := range map[string]func(*testing.T, func() blob.Backend){
		"whole": reopenedWhole, "batch": reopenedBatch, "pull": reopenedPull,
	} {
		t.Run("reopened "+name, func(t *testing.T) {
			folder := t.TempDir()
			test(t, func() blob.Backend { return open(t, folder) })
		})
	}
}

func reopenedWhole(t *testing.T, open func() blob.Backend) {
	kept, deleted, empty := Bytes(3*seg+7, 31), Bytes(seg, 32), []byte(nil)
	s := complete(t, open())
	for _, data := range [][]byte{kept, deleted, empty} {
		Add(t, s, data)
	}
	require.NoError(t, s.Delete(t.Context(), Root(deleted)))
	w, err := s.Create(t.Context())
	require.NoError(t, err)
	_, err = w.Write(Bytes(2*seg, 33))
	require.NoError(t, err)
	require.NoError(t, w.Abort())
	require.NoError(t, s.Close())

	s = complete(t, open())
	defer func() { require.NoError(t, s.Close()) }()
	require.Len(t, list(t, s), 2)
	RequireWhole(t, s, kept)
	RequireWhole(t, s, empty)
	_, err = s.Stat(t.Context(), Root(deleted))
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func reopenedBatch(t *testing.T, open func() blob.Backend) {
	small := [][]byte{Bytes(1, 34), Bytes(1000, 35)}
	s := complete(t, open())
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	for _, data := range small {
		require.NoError(t, b.Put(Root(data), data))
	}
	require.NoError(t, b.Commit(t.Context()))
	require.NoError(t, s.Close())

	s = complete(t, open())
	defer func() { require.NoError(t, s.Close()) }()
	require.Len(t, list(t, s), len(small))
	for _, data := range small {
		RequireWhole(t, s, data)
	}
}

// reopenedPull is for stores that take blobs in pieces: for others another store does.
func reopenedPull(t *testing.T, open func() blob.Backend) {
	backend := open()
	s := complete(t, backend)
	if _, able := backend.(blob.Puller); !able {
		require.NoError(t, s.Close())
		t.Skip("the store takes blobs only whole")
	}
	data := Bytes(4*seg, 36)
	p := partial(t, s, data)
	Put(t, p, data, bao.Range{First: 1, Count: 2})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	require.NoError(t, s.Close())

	s = complete(t, open())
	defer func() { require.NoError(t, s.Close()) }()
	require.Equal(t, []blob.Info{{ID: Root(data), Size: 4 * seg, Held: 2 * seg}}, list(t, s))
	p = partial(t, s, data)
	require.Equal(t, bao.Range{First: 0, Count: 1}, p.NextMissing(0, 4))
	Put(t, p, data, bao.Range{First: 0, Count: 1})
	Put(t, p, data, bao.Range{First: 3, Count: 1})
	_, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	RequireWhole(t, s, data)
}
