package blobtest

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// elsewhere is an origin whose bytes a test can change.
type elsewhere map[pdx.ContentID][]byte

func (e elsewhere) Bytes(_ context.Context, id pdx.ContentID) (blob.Bytes, error) {
	data, ok := e[id]
	if !ok {
		return nil, pdx.ErrNotFound
	}
	return readCloser{bytes.NewReader(data)}, nil
}

type readCloser struct{ io.ReaderAt }

func (readCloser) Close() error { return nil }

// trees are the parts of the contract that are about blobs whose bytes lie
// elsewhere; copies are those of a store that keeps the bytes too.
var (
	trees = map[string]func(*testing.T, blob.Store, elsewhere){
		"made":              treeMade,
		"changed elsewhere": treeChanged,
		"gone elsewhere":    treeGone,
		"beside the bytes":  treeBesideBytes,
		"deleted":           treeDeleted,
		"aborted":           treeAborted,
	}
	copies = map[string]func(*testing.T, blob.Store, elsewhere){
		"copied":  treeCopied,
		"aborted": treeAborted,
	}
)

func addTree(t *testing.T, s blob.Store, e elsewhere, data []byte) pdx.ContentID {
	t.Helper()
	w, err := s.CreateTree(t.Context())
	require.NoError(t, err)
	defer w.Abort()
	_, err = w.Write(data)
	require.NoError(t, err)
	info, err := w.Commit(t.Context())
	require.NoError(t, err)
	require.Equal(t, blob.Info{ID: Root(data), Size: uint64(len(data)), Complete: true, TreeOnly: true}, info)
	e[info.ID] = data
	return info.ID
}

func treeMade(t *testing.T, s blob.Store, e elsewhere) {
	for _, size := range sizes {
		data := Bytes(size, uint64(size))
		id := addTree(t, s, e, data)
		info, err := s.Stat(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, blob.Info{ID: id, Size: uint64(size), Complete: true, TreeOnly: true}, info)
		b, err := s.Open(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, uint64(size), b.Size())
		got, err := io.ReadAll(io.NewSectionReader(b, 0, int64(size)))
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
		if size > 0 {
			var slice bytes.Buffer
			require.NoError(t, b.WriteSlice(&slice, bao.All(uint64(size))))
			require.True(t, bytes.Equal(Slice(t, data, bao.All(uint64(size))), slice.Bytes()))
		}
		require.NoError(t, b.Close())
	}
	require.Len(t, list(t, s), len(sizes))
}

// Not one byte that is not under the root comes out, by whatever way.
func treeChanged(t *testing.T, s blob.Store, e elsewhere) {
	data := Bytes(3*seg+9, 30)
	id := addTree(t, s, e, data)
	changed := bytes.Clone(data)
	changed[2*seg] ^= 1
	e[id] = changed
	b, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer b.Close()
	var out bytes.Buffer
	require.ErrorIs(t, b.WriteSlice(&out, bao.All(b.Size())), pdx.ErrCorrupt)
	require.False(t, bytes.Contains(out.Bytes(), changed[2*seg:2*seg+64]), "nothing of the wrong segment")
	_, err = b.ReadAt(make([]byte, 10), 2*seg+100)
	require.ErrorIs(t, err, pdx.ErrCorrupt, "ReadAt is verified too")
	require.NoError(t, b.WriteSlice(io.Discard, bao.Range{First: 1, Count: 1}), "the rest is as it was")

	e[id] = data[:2*seg]
	cut, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer cut.Close()
	require.ErrorIs(t, cut.WriteSlice(io.Discard, bao.All(b.Size())), pdx.ErrCorrupt)
	e[id] = data
	mended, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer mended.Close()
	require.NoError(t, mended.WriteSlice(io.Discard, bao.All(b.Size())))
}

func treeGone(t *testing.T, s blob.Store, e elsewhere) {
	id := addTree(t, s, e, Bytes(seg+9, 31))
	delete(e, id)
	_, err := s.Open(t.Context(), id)
	require.ErrorIs(t, err, blob.ErrOrigin)
	require.NotErrorIs(t, err, pdx.ErrNotFound)
}

func treeBesideBytes(t *testing.T, s blob.Store, e elsewhere) {
	data := Bytes(2*seg+9, 32)
	id := addTree(t, s, e, data)
	p := partial(t, s, data)
	require.Zero(t, p.Written(), "a tree is not the bytes")
	Put(t, p, data, bao.All(uint64(len(data))))
	_, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	delete(e, id)
	RequireWhole(t, s, data)
	require.Len(t, list(t, s), 1)
}

// A copy is read whatever becomes of the origin.
func treeCopied(t *testing.T, s blob.Store, _ elsewhere) {
	for _, size := range sizes {
		data := Bytes(size, uint64(size))
		w, err := s.CreateTree(t.Context())
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
		info, err := w.Commit(t.Context())
		require.NoError(t, err)
		require.Equal(t, blob.Info{ID: Root(data), Size: uint64(size), Held: uint64(size), Complete: true}, info)
		RequireWhole(t, s, data)
	}
	require.Len(t, list(t, s), len(sizes))
}

func treeDeleted(t *testing.T, s blob.Store, e elsewhere) {
	id := addTree(t, s, e, Bytes(seg+9, 33))
	require.NoError(t, s.Delete(t.Context(), id))
	_, err := s.Stat(t.Context(), id)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.Empty(t, list(t, s))
}

func treeAborted(t *testing.T, s blob.Store, _ elsewhere) {
	w, err := s.CreateTree(t.Context())
	require.NoError(t, err)
	_, err = w.Write(Bytes(seg, 34))
	require.NoError(t, err)
	require.NoError(t, w.Abort())
	_, err = w.Commit(t.Context())
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.Empty(t, list(t, s))
}
