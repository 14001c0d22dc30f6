package blobtest

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// batches are the parts of the contract that are about batches.
var batches = map[string]func(*testing.T, blob.Store){
	"batched":               batched,
	"batch aborted":         batchAborted,
	"batch full":            batchFull,
	"batched twice":         batchedTwice,
	"batched and made":      batchedAndMade,
	"batched and pulled":    batchedAndPulled,
	"batched while pulled":  batchedWhilePulled,
	"batched and deleted":   batchedAndDeleted,
	"many deleted":          manyDeleted,
	"small":                 small,
	"missing":               missing,
	"batch cancelled":       batchCancelled,
	"batched, read deleted": batchedReadWhileDeleted,
}

func batched(t *testing.T, s blob.Store) {
	all := Smalls(40, 1)
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	scratch := make([]byte, 0, blob.MaxSmall)
	for _, data := range all {
		scratch = append(scratch[:0], data...)
		require.NoError(t, b.Put(Root(data), scratch))
		clear(scratch) // the bytes are ours again
	}
	require.Empty(t, list(t, s), "nothing is seen before the commit")
	_, err = s.Open(t.Context(), Root(all[3]))
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.NoError(t, b.Commit(t.Context()))
	require.ErrorIs(t, b.Commit(t.Context()), pdx.ErrWrongState)
	require.ErrorIs(t, b.Put(Root(all[0]), all[0]), pdx.ErrWrongState)
	require.NoError(t, b.Abort())
	RequireSmall(t, s, all)
	require.Len(t, list(t, s), len(all))
}

func batchAborted(t *testing.T, s blob.Store) {
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	data := Bytes(10, 1)
	require.NoError(t, b.Put(Root(data), data))
	require.NoError(t, b.Abort())
	require.NoError(t, b.Abort())
	require.ErrorIs(t, b.Put(Root(data), data), pdx.ErrWrongState)
	require.ErrorIs(t, b.Commit(t.Context()), pdx.ErrWrongState)
	require.Empty(t, list(t, s))

	b, err = s.Batch(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.Commit(t.Context()), "a batch of nothing")
	require.Empty(t, list(t, s))
}

func batchFull(t *testing.T, s blob.Store) {
	b, _ := fill(t, s)
	require.NoError(t, b.Abort())
	require.Empty(t, list(t, s))
}

func fullBatch(t *testing.T, s blob.Store) {
	b, put := fill(t, s)
	require.NoError(t, b.Commit(t.Context()))
	require.Len(t, list(t, s), len(put))
	RequireSmall(t, s, [][]byte{put[0], put[len(put)/2], put[len(put)-1]})
}

// fill fills a batch with the largest small blobs.
func fill(t *testing.T, s blob.Store) (b blob.Batch, put [][]byte) {
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	data := Bytes(seg+1, 1)
	require.ErrorIs(t, b.Put(Root(data), data), blob.ErrNotSmall)
	for i := uint64(0); ; i++ {
		data := Bytes(blob.MaxSmall, i)
		if err := b.Put(Root(data), data); err != nil {
			require.ErrorIs(t, err, blob.ErrBatchFull)
			break
		}
		put = append(put, data)
	}
	require.Len(t, put, blob.MaxBatchBytes/blob.MaxSmall)
	require.NoError(t, b.Put(Root(put[7]), put[7]), "it is in already")
	return b, put
}

func batchedTwice(t *testing.T, s blob.Store) {
	all := Smalls(20, 2)
	AddBatch(t, s, all)
	AddBatch(t, s, append(Smalls(5, 3), all[4:9]...))
	RequireSmall(t, s, all)
	require.Len(t, list(t, s), 24, "the empty blob is the same in both")
	for _, data := range all {
		require.NoError(t, s.Delete(t.Context(), Root(data)))
		_, err := s.Stat(t.Context(), Root(data))
		require.ErrorIs(t, err, pdx.ErrNotFound, "however often it came")
	}
	require.Len(t, list(t, s), 4)
}

func batchedAndMade(t *testing.T, s blob.Store) {
	all := Smalls(6, 4)
	Add(t, s, all[3])
	AddBatch(t, s, all)
	Add(t, s, all[4])
	RequireSmall(t, s, all)
	require.Len(t, list(t, s), len(all))
	require.NoError(t, s.Delete(t.Context(), Root(all[3])))
	require.NoError(t, s.Delete(t.Context(), Root(all[4])))
	require.Len(t, list(t, s), len(all)-2)
}

// What came in a batch is whole: a pull of it misses nothing.
func batchedAndPulled(t *testing.T, s blob.Store) {
	all := Smalls(6, 5)
	AddBatch(t, s, all)
	data := all[3]
	p := mustPartial(t, s, data)
	require.Zero(t, p.NextMissing(0, 9).Count)
	require.Equal(t, uint64(len(data)), p.Written())
	Put(t, p, data, bao.All(uint64(len(data))))
	info, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.Equal(t, blob.Info{ID: Root(data), Size: uint64(len(data)), Held: uint64(len(data)), Complete: true}, info)
	_, err = s.Partial(t.Context(), Root(all[1]), 5)
	require.ErrorIs(t, err, pdx.ErrInvalid, "its size is known")
}

func batchedWhilePulled(t *testing.T, s blob.Store) {
	all := Smalls(6, 6)
	p := partial(t, s, all[3])
	AddBatch(t, s, all)
	RequireSmall(t, s, all)
	require.ErrorIs(t, s.Delete(t.Context(), Root(all[3])), blob.ErrBusy)
	Put(t, p, all[3], bao.All(uint64(len(all[3]))))
	_, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	RequireSmall(t, s, all)
	require.Len(t, list(t, s), len(all))
	require.NoError(t, s.Delete(t.Context(), Root(all[3])))
	require.Len(t, list(t, s), len(all)-1)
}

func batchedAndDeleted(t *testing.T, s blob.Store) {
	all := Smalls(30, 7)
	AddBatch(t, s, all)
	for i, data := range all {
		require.NoError(t, s.Delete(t.Context(), Root(data)))
		require.ErrorIs(t, s.Delete(t.Context(), Root(data)), pdx.ErrNotFound)
		_, err := s.Open(t.Context(), Root(data))
		require.ErrorIs(t, err, pdx.ErrNotFound)
		_, err = s.Small(t.Context(), Root(data), make([]byte, blob.MaxSmall))
		require.ErrorIs(t, err, pdx.ErrNotFound)
		RequireSmall(t, s, all[i+1:])
		require.Len(t, list(t, s), len(all)-1-i)
	}
	AddBatch(t, s, all)
	RequireSmall(t, s, all)
}

func manyDeleted(t *testing.T, s blob.Store) {
	first, second, made, half := Smalls(30, 20), Smalls(40, 21)[1:], Bytes(3*seg, 22), Bytes(2*seg, 23)
	gone := AddBatch(t, s, first)
	some := AddBatch(t, s, second)[:20]
	AddBatch(t, s, second[5:15]) // twice
	Add(t, s, made)
	p := partial(t, s, half)
	Put(t, p, half, bao.Range{First: 1, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	gone = append(append(gone, some...), Root(made), pdx.ContentID{1}, some[0])

	require.ErrorIs(t, s.DeleteMany(t.Context(), append(gone, Root(half))), blob.ErrBusy)
	require.NoError(t, p.Close())
	require.NoError(t, s.DeleteMany(t.Context(), append(gone, Root(half))))
	RequireSmall(t, s, second[20:])
	require.Len(t, list(t, s), len(second)-20)
	left, err := s.Missing(t.Context(), gone)
	require.NoError(t, err)
	require.Len(t, left, len(gone)-1)
	require.NoError(t, s.DeleteMany(t.Context(), nil))
}

func small(t *testing.T, s blob.Store) {
	p := make([]byte, blob.MaxSmall)
	one, large := Bytes(seg, 8), Bytes(seg+1, 9)
	Add(t, s, one)
	Add(t, s, large)
	got, err := s.Small(t.Context(), Root(one), p)
	require.NoError(t, err)
	require.Equal(t, Root(one), Root(got))
	_, err = s.Small(t.Context(), Root(large), p)
	require.ErrorIs(t, err, blob.ErrNotSmall)
	_, err = s.Small(t.Context(), pdx.ContentID{1}, p)
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func missing(t *testing.T, s blob.Store) {
	here, made, half := Smalls(8, 10), Bytes(3*seg, 11), Bytes(2*seg, 12)
	ids := AddBatch(t, s, here)
	Add(t, s, made)
	p := partial(t, s, half)
	Put(t, p, half, bao.Range{First: 1, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	require.NoError(t, s.Delete(t.Context(), ids[2]))
	ask := append([]pdx.ContentID{{9}, Root(half), Root(made), {9}}, ids...)
	got, err := s.Missing(t.Context(), ask)
	require.NoError(t, err)
	require.Equal(t, []pdx.ContentID{{9}, Root(half), ids[2]}, got)
	for i := range 100 { // many are looked for in another way than few
		ask = append(ask, pdx.ContentID{10, byte(i)})
	}
	got, err = s.Missing(t.Context(), ask)
	require.NoError(t, err)
	require.Len(t, got, 103)
	require.NotContains(t, got, Root(made))
	got, err = s.Missing(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func batchCancelled(t *testing.T, s blob.Store) {
	data := Bytes(10, 13)
	b, err := s.Batch(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.Put(Root(data), data))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Commit(ctx), context.Canceled)
	require.NoError(t, b.Abort())
	_, err = s.Batch(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Missing(ctx, nil)
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Small(ctx, Root(data), make([]byte, blob.MaxSmall))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, list(t, s))
}

func batchedReadWhileDeleted(t *testing.T, s blob.Store) {
	all := Smalls(4, 14)
	AddBatch(t, s, all)
	b, err := s.Open(t.Context(), Root(all[3]))
	require.NoError(t, err)
	for _, data := range all {
		require.NoError(t, s.Delete(t.Context(), Root(data)))
	}
	require.NoError(t, b.WriteSlice(io.Discard, bao.All(uint64(len(all[3])))))
	require.NoError(t, b.Close())
}
