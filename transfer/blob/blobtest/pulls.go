package blobtest

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
)

// pulls are the parts of the contract that are about blobs that are being pulled.
var pulls = map[string]func(*testing.T, blob.Store){
	"pulled":             pulled,
	"pulled in pieces":   pulledInPieces,
	"kept checkpoints":   keptCheckpoints,
	"one pull at a time": onePull,
	"already whole":      alreadyWhole,
	"made during pull":   madeDuringPull,
	"impossible sizes":   impossibleSizes,
	"proven size":        provenSize,
	"unproven size":      unprovenSize,
	"wrong pieces":       wrongPieces,
	"closed":             closed,
	"concurrent puts":    concurrentPuts,
	"shown segments":     shownSegments,
}

func pulled(t *testing.T, s blob.Store) {
	for _, size := range sizes {
		data := Bytes(size, uint64(size))
		p := partial(t, s, data)
		if size > 0 {
			Put(t, p, data, bao.All(uint64(size)))
		}
		info, err := p.Commit(t.Context())
		require.NoError(t, err, "size %d", size)
		require.True(t, info.Complete)
		require.NoError(t, p.Close())
		RequireWhole(t, s, data)
	}
}

func pulledInPieces(t *testing.T, s blob.Store) {
	data := Bytes(9*seg+100, 2)
	for _, run := range []bao.Range{{First: 8, Count: 2}, {First: 0, Count: 1}, {First: 3, Count: 2}} {
		p := partial(t, s, data)
		Put(t, p, data, run)
		require.NoError(t, p.Checkpoint(t.Context()))
		_, err := s.Open(t.Context(), Root(data))
		require.ErrorIs(t, err, pdx.ErrNotFound, "only whole blobs open")
		_, err = p.Commit(t.Context())
		require.ErrorIs(t, err, pdx.ErrWrongState)
		require.NoError(t, p.Close())
	}
	p := partial(t, s, data)
	require.Equal(t, uint64(4*seg+100), p.Written())
	require.Equal(t, bao.Range{First: 1, Count: 2}, p.NextMissing(0, 10))
	require.Equal(t, bao.Range{First: 5, Count: 1}, p.NextMissing(3, 1))
	require.Zero(t, p.NextMissing(8, 10).Count)
	Put(t, p, data, bao.Range{First: 1, Count: 2})
	Put(t, p, data, bao.Range{First: 5, Count: 3})
	_, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	RequireWhole(t, s, data)
}

// What was put is shown while the rest is missing, by stores that can.
func shownSegments(t *testing.T, s blob.Store) {
	data := Bytes(5*seg+100, 6)
	p := partial(t, s, data)
	r, ok := p.(blob.SegmentReader)
	if !ok {
		require.NoError(t, p.Close())
		return
	}
	buf := make([]byte, seg)
	_, err := r.ReadSegment(0, buf)
	require.ErrorIs(t, err, pdx.ErrNotFound)
	Put(t, p, data, bao.Range{First: 4, Count: 2})
	for i, want := range map[uint64][]byte{4: data[4*seg : 5*seg], 5: data[5*seg:]} {
		n, err := r.ReadSegment(i, buf)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, buf[:n]))
	}
	for _, missing := range []uint64{3, 6, 1 << 40} {
		_, err = r.ReadSegment(missing, buf)
		require.ErrorIs(t, err, pdx.ErrNotFound)
	}
	require.NoError(t, p.Close())
	_, err = r.ReadSegment(4, buf)
	require.ErrorIs(t, err, pdx.ErrNotFound, "closed")
}

// What was put after the last Checkpoint is fetched again.
func keptCheckpoints(t *testing.T, s blob.Store) {
	data := Bytes(4*seg, 3)
	p := partial(t, s, data)
	Put(t, p, data, bao.Range{First: 0, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	Put(t, p, data, bao.Range{First: 1, Count: 1})
	require.Equal(t, uint64(2*seg), p.Written())
	info, err := s.Stat(t.Context(), Root(data))
	require.NoError(t, err)
	require.Equal(t, blob.Info{ID: Root(data), Size: 4 * seg, Held: seg}, info)
	require.NoError(t, p.Close())

	p = partial(t, s, data)
	require.Equal(t, uint64(seg), p.Written())
	require.Equal(t, bao.Range{First: 1, Count: 3}, p.NextMissing(0, 100))
	require.NoError(t, p.Close())
}

func onePull(t *testing.T, s blob.Store) {
	data := Bytes(seg, 4)
	p := partial(t, s, data)
	_, err := s.Partial(t.Context(), Root(data), seg)
	require.ErrorIs(t, err, blob.ErrBusy)
	require.ErrorIs(t, s.Delete(t.Context(), Root(data)), blob.ErrBusy)
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	require.NoError(t, partial(t, s, data).Close())
}

func alreadyWhole(t *testing.T, s blob.Store) {
	data := Bytes(3*seg, 5)
	Add(t, s, data)
	p := partial(t, s, data)
	require.Zero(t, p.NextMissing(0, 10).Count)
	require.Equal(t, uint64(3*seg), p.Written())
	Put(t, p, data, bao.All(3*seg))
	info, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.True(t, info.Complete)
	require.NoError(t, p.Close())
	RequireWhole(t, s, data)
	require.Len(t, list(t, s), 1)
}

func madeDuringPull(t *testing.T, s blob.Store) {
	data := Bytes(2*seg, 6)
	p := partial(t, s, data)
	Put(t, p, data, bao.Range{First: 0, Count: 1})
	Add(t, s, data)
	Put(t, p, data, bao.Range{First: 1, Count: 1})
	_, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	RequireWhole(t, s, data)
	require.Len(t, list(t, s), 1)
}

func impossibleSizes(t *testing.T, s blob.Store) {
	root := Root([]byte("x"))
	_, err := s.Partial(t.Context(), root, 0)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = s.Partial(t.Context(), bao.EmptyRoot, 1)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	_, err = s.Partial(t.Context(), root, bao.MaxSize+1)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func provenSize(t *testing.T, s blob.Store) {
	data := Bytes(2*seg+1, 7)
	p := partial(t, s, data)
	Put(t, p, data, bao.Range{First: 2, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	_, err := s.Partial(t.Context(), Root(data), 2*seg+2)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	require.Equal(t, uint64(1), mustPartial(t, s, data).Written())

	whole := Bytes(seg, 8)
	Add(t, s, whole)
	_, err = s.Partial(t.Context(), Root(whole), seg+1)
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func unprovenSize(t *testing.T, s blob.Store) {
	data := Bytes(2*seg+1, 9)
	p := partial(t, s, data)
	Put(t, p, data, bao.Range{First: 0, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	p, err := s.Partial(t.Context(), Root(data), 7*seg)
	require.NoError(t, err)
	require.Zero(t, p.Written())
	require.Equal(t, bao.Range{Count: 7}, p.NextMissing(0, 100))
	require.NoError(t, p.Close())
}

func wrongPieces(t *testing.T, s blob.Store) {
	p := partial(t, s, Bytes(2*seg+1, 10))
	defer p.Close()
	require.ErrorIs(t, p.PutSegment(3, nil), pdx.ErrInvalid)
	require.ErrorIs(t, p.PutSegment(0, make([]byte, seg-1)), pdx.ErrInvalid)
	require.ErrorIs(t, p.PutSegment(2, make([]byte, seg)), pdx.ErrInvalid)
	require.ErrorIs(t, p.PutNode(0, bao.Node{}), pdx.ErrInvalid)
	require.ErrorIs(t, p.PutNode(3, bao.Node{}), pdx.ErrInvalid)
	require.Zero(t, p.Written())
}

func closed(t *testing.T, s blob.Store) {
	data := Bytes(seg, 11)
	p := partial(t, s, data)
	require.NoError(t, p.Close())
	require.ErrorIs(t, p.PutSegment(0, data), pdx.ErrWrongState)
	require.ErrorIs(t, p.Checkpoint(t.Context()), pdx.ErrWrongState)
	_, err := p.Commit(t.Context())
	require.ErrorIs(t, err, pdx.ErrWrongState)
}

func concurrentPuts(t *testing.T, s blob.Store) {
	data := Bytes(32*seg, 19)
	p := partial(t, s, data)
	var wg sync.WaitGroup
	for first := uint64(0); first < 32; first += 4 {
		run := bao.Range{First: first, Count: 4}
		slice := bytes.NewReader(Slice(t, data, run))
		wg.Go(func() {
			assert.NoError(t, bao.ReadSlice(slice, Root(data), 32*seg, run, p))
			assert.NoError(t, p.Checkpoint(t.Context()))
		})
	}
	wg.Wait()
	_, err := p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	RequireWhole(t, s, data)
}
