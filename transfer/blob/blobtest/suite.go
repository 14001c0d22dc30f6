package blobtest

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// sizes lie at the borders of chunks, segments, blocks of 16 segments, and trees.
var sizes = []int{0, 1, 16, 1024, 65535, 65536, 65537, 65552, 2 * 65536, 5*65536 + 17, 16 * 65536, 16*65536 + 16, 33 * 65536}

const seg = bao.SegmentSize

// NewBackend makes an empty store whose tree-only blobs, if it can keep such, have
// their bytes from an origin.
type NewBackend func(*testing.T, blob.Origin) blob.Backend

// Run checks that what blob.Complete makes of backends keeps the contract.
func Run(t *testing.T, newBackend NewBackend) {
	run(t, newBackend)
	t.Run("full batch", func(t *testing.T) { fullBatch(t, complete(t, newBackend(t, blob.NoOrigin))) })
}

func complete(t *testing.T, b blob.Backend) blob.Store {
	t.Helper()
	s, err := blob.Complete(b, mem.New())
	require.NoError(t, err)
	return s
}

// run checks backends that keep the bytes of tree-only blobs elsewhere, or copies.
func run(t *testing.T, newBackend NewBackend) {
	for _, tests := range []map[string]func(*testing.T, blob.Store){whole, pulls, batches} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, complete(t, newBackend(t, blob.NoOrigin))) })
		}
	}
	ofTrees := trees
	if _, able := newBackend(t, blob.NoOrigin).(blob.TreeKeeper); !able {
		ofTrees = copies
	}
	for name, test := range ofTrees {
		t.Run("tree "+name, func(t *testing.T) {
			e := elsewhere{}
			test(t, complete(t, newBackend(t, e)), e)
		})
	}
}

// whole are the parts of the contract that are about whole blobs.
var whole = map[string]func(*testing.T, blob.Store){
	"made":               made,
	"made twice":         madeTwice,
	"aborted":            aborted,
	"unknown":            unknown,
	"deleted":            deleted,
	"listed":             listed,
	"read while deleted": readWhileDeleted,
	"cancelled":          cancelled,
	"beyond the end":     beyondTheEnd,
}

func made(t *testing.T, s blob.Store) {
	for _, size := range sizes {
		data := Bytes(size, uint64(size))
		require.Equal(t, Root(data), Add(t, s, data), "size %d", size)
		RequireWhole(t, s, data)
	}
}

func madeTwice(t *testing.T, s blob.Store) {
	data := Bytes(100_000, 1)
	Add(t, s, data)
	Add(t, s, data)
	RequireWhole(t, s, data)
	require.Len(t, list(t, s), 1)
}

func aborted(t *testing.T, s blob.Store) {
	w, err := s.Create(t.Context())
	require.NoError(t, err)
	_, err = w.Write(Bytes(seg, 1))
	require.NoError(t, err)
	require.NoError(t, w.Abort())
	require.NoError(t, w.Abort())
	_, err = w.Write([]byte{1})
	require.ErrorIs(t, err, pdx.ErrWrongState)
	_, err = w.Commit(t.Context())
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.Empty(t, list(t, s))
}

func unknown(t *testing.T, s blob.Store) {
	id := Root([]byte("nothing"))
	_, err := s.Open(t.Context(), id)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	_, err = s.Stat(t.Context(), id)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.ErrorIs(t, s.Delete(t.Context(), id), pdx.ErrNotFound)
}

func deleted(t *testing.T, s blob.Store) {
	whole, half := Bytes(seg+1, 12), Bytes(2*seg, 13)
	Add(t, s, whole)
	p := partial(t, s, half)
	Put(t, p, half, bao.Range{First: 0, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	for _, data := range [][]byte{whole, half} {
		require.NoError(t, s.Delete(t.Context(), Root(data)))
		_, err := s.Stat(t.Context(), Root(data))
		require.ErrorIs(t, err, pdx.ErrNotFound)
	}
	require.Empty(t, list(t, s))
	Add(t, s, whole)
	RequireWhole(t, s, whole)
	require.Zero(t, mustPartial(t, s, half).Written())
}

func listed(t *testing.T, s blob.Store) {
	require.Empty(t, list(t, s))
	a, b, half := Bytes(10, 14), Bytes(seg, 15), Bytes(2*seg, 16)
	Add(t, s, a)
	Add(t, s, b)
	p := partial(t, s, half)
	Put(t, p, half, bao.Range{First: 1, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	require.ElementsMatch(t, []blob.Info{
		{ID: Root(a), Size: 10, Held: 10, Complete: true},
		{ID: Root(b), Size: seg, Held: seg, Complete: true},
		{ID: Root(half), Size: 2 * seg, Held: seg},
	}, list(t, s))
	for _, err := range s.List(t.Context()) {
		require.NoError(t, err)
		break // the list may be left early
	}
}

func readWhileDeleted(t *testing.T, s blob.Store) {
	data := Bytes(2*seg, 17)
	Add(t, s, data)
	b, err := s.Open(t.Context(), Root(data))
	require.NoError(t, err)
	require.NoError(t, s.Delete(t.Context(), Root(data)))
	require.NoError(t, b.WriteSlice(io.Discard, bao.All(2*seg)))
	require.NoError(t, b.Close())
}

func cancelled(t *testing.T, s blob.Store) {
	data := Bytes(seg, 18)
	id := Add(t, s, data)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Create(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Open(ctx, id)
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Partial(ctx, id, seg)
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Stat(ctx, id)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.Delete(ctx, id), context.Canceled)
	RequireWhole(t, s, data)
}

func beyondTheEnd(t *testing.T, s blob.Store) {
	data := Bytes(seg+1, 20)
	Add(t, s, data)
	b, err := s.Open(t.Context(), Root(data))
	require.NoError(t, err)
	defer b.Close()
	for _, run := range []bao.Range{{}, {First: 2, Count: 1}, {First: 1, Count: 2}, {First: 1, Count: ^uint64(0)}} {
		require.ErrorIs(t, b.WriteSlice(io.Discard, run), pdx.ErrInvalid, fmt.Sprint(run))
	}
	n, err := b.ReadAt(make([]byte, 10), seg)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 1, n)
}

func partial(t *testing.T, s blob.Store, data []byte) blob.Partial {
	t.Helper()
	p, err := s.Partial(t.Context(), Root(data), uint64(len(data)))
	require.NoError(t, err)
	return p
}

// mustPartial is a Partial that is closed when the test ends.
func mustPartial(t *testing.T, s blob.Store, data []byte) blob.Partial {
	t.Helper()
	p := partial(t, s, data)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func list(t *testing.T, s blob.Store) (all []blob.Info) {
	t.Helper()
	for info, err := range s.List(t.Context()) {
		require.NoError(t, err)
		all = append(all, info)
	}
	return all
}
