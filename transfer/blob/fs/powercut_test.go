package fs

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
)

var powerCuts = flag.Int("powercuts", 60, "how many stores have their power cut")

const (
	cutDir = "/store"
	seg    = bao.SegmentSize
)

// promise is what a store has said about a blob and must keep.
type promise struct {
	data    []byte
	id      pdx.ContentID
	claimed map[uint64]bool // segments, by a Checkpoint that returned nil
	whole   bool            // by a Commit that returned nil
	gone    bool            // by a Delete that returned nil
}

// market is a store at work, with everything that it promised.
type market struct {
	t        *testing.T
	rand     *rand.Rand
	disk     *cutDisk
	store    *Store
	promises []*promise
}

// samples are blobs of every kind: empty, one segment, a full one, many.
func samples() (all []*promise) {
	for i, size := range []int{0, 1, 1000, seg, seg + 1, 3 * seg, 5*seg + 77, 9*seg + 1} {
		data := blobtest.Bytes(size, uint64(i))
		all = append(all, &promise{data: data, id: blobtest.Root(data), claimed: map[uint64]bool{}})
	}
	return all
}

// Whatever a power cut loses, tears or reorders, and whatever the disk fails at:
// no claimed segment is wrong or missing, no whole blob is not whole, and what is
// not there any more can be had again.
func TestPowerCuts(t *testing.T) {
	for seed := range uint64(*powerCuts) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := &market{t: t, rand: r, disk: newCutDisk(r), promises: samples()}
		require.NoError(t, m.disk.MkdirAll(cutDir))
		m.disk.log[0].synced = true // the store's directory has been there for long
		for range 3 {
			m.disk.fault = m.faults()
			m.work()
			m.disk = m.disk.cut()
			m.check(seed)
		}
	}
}

// faults lets the power go at some operation, and in some runs a few operations
// fail before.
func (m *market) faults() func(op, path string) error {
	left := 1 + m.rand.IntN(600)
	failing := m.rand.IntN(2) == 0
	return func(op, _ string) error {
		if left--; left <= 0 {
			return errCut
		}
		if !failing || m.rand.IntN(25) > 0 {
			return nil
		}
		if op == "write" || op == "create" || op == "mkdir" {
			return []error{syscall.ENOSPC, syscall.EIO}[m.rand.IntN(2)]
		}
		return syscall.EIO
	}
}

// work does things at random until the power goes.
func (m *market) work() {
	for m.disk.fault("look", "") == nil {
		s, err := openOn(m.disk, cutDir)
		if err != nil {
			continue // the power is gone, or the next time it opens
		}
		m.store = s
		for range 1 + m.rand.IntN(12) {
			p := m.promises[m.rand.IntN(len(m.promises))]
			[]func(*promise){m.pull, m.pull, m.make, m.delete, m.delete, m.batch}[m.rand.IntN(6)](p)
		}
	}
}

func (m *market) make(p *promise) {
	p.gone = false
	create := m.store.Create
	if m.rand.IntN(3) == 0 {
		create = m.store.CreateTree
	}
	w, err := create(m.t.Context())
	if err != nil {
		return
	}
	defer w.Abort()
	for rest := p.data; len(rest) > 0; {
		n := min(len(rest), 1+m.rand.IntN(2*seg))
		if _, err := w.Write(rest[:n]); err != nil {
			return
		}
		rest = rest[n:]
	}
	info, err := w.Commit(m.t.Context())
	if err != nil {
		return // it may be there, whole, or not
	}
	require.Equal(m.t, p.id, info.ID)
	p.whole = true
}

// batch puts a blob and some others at once, if they are small.
func (m *market) batch(p *promise) {
	b, err := m.store.Batch(m.t.Context())
	if err != nil {
		return
	}
	defer b.Abort()
	var put []*promise
	for _, p := range append([]*promise{p}, m.promises...) {
		if m.rand.IntN(2) == 0 && b.Put(p.id, p.data) == nil {
			p.gone = false
			put = append(put, p)
		}
	}
	if b.Commit(m.t.Context()) != nil {
		return // all of it may be there, or nothing
	}
	for _, p := range put {
		p.whole = true
	}
}

func (m *market) pull(p *promise) {
	size := uint64(len(p.data))
	p.gone = false // from the first try on
	b, err := m.store.Partial(m.t.Context(), p.id, size)
	if err != nil {
		return
	}
	defer b.Close()
	for range m.rand.IntN(6) {
		run := b.NextMissing(m.rand.Uint64N(bao.Segments(size)+1), 1+m.rand.Uint64N(3))
		if run.Count > 0 {
			slice := blobtest.Slice(m.t, p.data, run)
			if bao.ReadSlice(bytes.NewReader(slice), p.id, size, run, b) != nil {
				continue
			}
		}
		if m.rand.IntN(2) == 0 {
			m.checkpoint(p, b)
		}
	}
	if b.NextMissing(0, 1).Count == 0 {
		if info, err := b.Commit(m.t.Context()); err == nil {
			require.True(m.t, info.Complete)
			p.whole = true
		}
	}
}

func (m *market) checkpoint(p *promise, b blob.Partial) {
	held := map[uint64]bool{}
	for i := range bao.Segments(uint64(len(p.data))) {
		held[i] = b.NextMissing(i, 1).First != i
	}
	if b.Checkpoint(m.t.Context()) != nil {
		return
	}
	for i, h := range held {
		if h {
			p.claimed[i] = true
		}
	}
}

func (m *market) delete(p *promise) {
	err := m.store.Delete(m.t.Context(), p.id)
	switch {
	case err == nil:
		*p = promise{data: p.data, id: p.id, claimed: map[uint64]bool{}, gone: true}
	case errors.Is(err, pdx.ErrNotFound):
	default: // half of it may be gone: nothing is promised any more
		*p = promise{data: p.data, id: p.id, claimed: map[uint64]bool{}}
	}
}

// check opens the store after the power came back and holds it to its promises.
func (m *market) check(seed uint64) {
	t := m.t
	s, err := openOn(m.disk, cutDir, WithOrigin(m))
	require.NoError(t, err, "seed %d", seed)
	defer s.Close()
	there := map[pdx.ContentID]blob.Info{}
	for info, err := range s.List(t.Context()) {
		require.NoError(t, err, "seed %d", seed)
		there[info.ID] = info
	}
	for i, p := range m.promises {
		info, listed := there[p.id]
		require.False(t, p.gone && listed, "seed %d: blob %d is deleted and there", seed, i)
		if p.whole {
			require.True(t, info.Complete, "seed %d: blob %d was committed and is not there", seed, i)
		}
		if info.Complete {
			requireBytes(t, s, p.data)
			continue
		}
		require.False(t, len(p.claimed) > 0 && !listed, "seed %d: blob %d has claims and is not there", seed, i)
		if listed {
			m.checkClaims(s, p, seed)
		}
	}
}

// requireBytes reads a blob to its end, verified, wherever its bytes come from.
func requireBytes(t *testing.T, s *Store, data []byte) {
	b, err := s.Open(t.Context(), blobtest.Root(data))
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, uint64(len(data)), b.Size())
	if len(data) > 0 {
		require.NoError(t, b.WriteSlice(io.Discard, bao.All(b.Size())))
	}
}

// Bytes is the origin of blobs of which only the tree is kept.
func (m *market) Bytes(_ context.Context, id pdx.ContentID) (blob.Bytes, error) {
	for _, p := range m.promises {
		if p.id == id {
			return nothingToClose{bytes.NewReader(p.data)}, nil
		}
	}
	return nil, pdx.ErrNotFound
}

type nothingToClose struct{ *bytes.Reader }

func (nothingToClose) Close() error { return nil }

// checkClaims proves every segment that a pull holds, whoever claimed it.
func (m *market) checkClaims(s *Store, p *promise, seed uint64) {
	size := uint64(len(p.data))
	b, err := s.Partial(m.t.Context(), p.id, size)
	require.NoError(m.t, err, "seed %d", seed)
	defer b.Close()
	f := b.(*partial).files
	for i := range bao.Segments(size) {
		held := b.NextMissing(i, 1).First != i
		require.False(m.t, p.claimed[i] && !held, "seed %d: segment %d was claimed and is not held", seed, i)
		if held {
			err := bao.WriteSlice(io.Discard, p.id, size, f.tree, f.data, bao.Range{First: i, Count: 1})
			require.NoError(m.t, err, "seed %d: segment %d is claimed and wrong", seed, i)
		}
	}
}

// failing makes every operation of a kind fail on a store that has worked so far.
func failing(t *testing.T, d *cutDisk, op string, err error) {
	d.fault = func(o, _ string) error {
		if o == op {
			return err
		}
		return nil
	}
	t.Cleanup(func() { d.fault = func(string, string) error { return nil } })
}

func newCutStore(t *testing.T) (*cutDisk, *Store) {
	d := newCutDisk(rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, d.MkdirAll(cutDir))
	d.log[0].synced = true
	s, err := openOn(d, cutDir)
	require.NoError(t, err)
	return d, s
}

// After a sync that failed, the kernel calls pages clean that never reached the
// disk, and the next sync succeeds: what was put before must not be claimed.
func TestFailedSyncIsNeverClaimed(t *testing.T) {
	d, s := newCutStore(t)
	data := blobtest.Bytes(3*seg, 1)
	p, err := s.Partial(t.Context(), blobtest.Root(data), 3*seg)
	require.NoError(t, err)
	blobtest.Put(t, p, data, bao.Range{First: 0, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	blobtest.Put(t, p, data, bao.Range{First: 1, Count: 1})
	failing(t, d, "sync", syscall.EIO)
	require.ErrorIs(t, p.Checkpoint(t.Context()), blob.ErrDisk)
	d.fault = func(string, string) error { return nil }

	require.Equal(t, uint64(seg), p.Written(), "what the sync lost is not held")
	require.ErrorIs(t, p.PutSegment(2, data[2*seg:]), blob.ErrDisk)
	require.ErrorIs(t, p.Checkpoint(t.Context()), blob.ErrDisk, "a sync that succeeds now proves nothing")
	_, err = p.Commit(t.Context())
	require.ErrorIs(t, err, blob.ErrDisk)
	require.NoError(t, p.Close())

	p, err = s.Partial(t.Context(), blobtest.Root(data), 3*seg)
	require.NoError(t, err)
	require.Equal(t, bao.Range{First: 1, Count: 2}, p.NextMissing(0, 9), "it goes on with the last claim")
	blobtest.Put(t, p, data, bao.Range{First: 1, Count: 2})
	_, err = p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())

	s, err = openOn(d.cut(), cutDir)
	require.NoError(t, err)
	blobtest.RequireWhole(t, s, data)
}

// A maker whose sync failed commits nothing, however often it is asked.
func TestFailedSyncIsNeverCommitted(t *testing.T) {
	d, s := newCutStore(t)
	data := blobtest.Bytes(2*seg, 2)
	w, err := s.Create(t.Context())
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	failing(t, d, "sync", syscall.EIO)
	_, err = w.Commit(t.Context())
	require.ErrorIs(t, err, blob.ErrDisk)
	d.fault = func(string, string) error { return nil }
	_, err = w.Commit(t.Context())
	require.ErrorIs(t, err, pdx.ErrWrongState)
	require.NoError(t, w.Abort())
	_, err = s.Open(t.Context(), blobtest.Root(data))
	require.ErrorIs(t, err, pdx.ErrNotFound)
	blobtest.Add(t, s, data)
	blobtest.RequireWhole(t, s, data)
}

// What a disk refuses says so, loses nothing, and goes on when it is mended.
func TestDiskThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		op   string
		err  error
		want error
	}{
		"full":              {"write", syscall.ENOSPC, blob.ErrNoSpace},
		"over quota":        {"create", syscall.EDQUOT, blob.ErrNoSpace},
		"read-only":         {"create", syscall.EROFS, blob.ErrReadOnly},
		"mounted read-only": {"mkdir", syscall.EROFS, blob.ErrReadOnly},
		"error on write":    {"write", syscall.EIO, blob.ErrDisk},
		"error on sync":     {"sync", syscall.EIO, blob.ErrDisk},
		"error on rename":   {"rename", syscall.EIO, blob.ErrDisk},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := newCutStore(t)
			kept, half, made := blobtest.Bytes(2*seg, 3), blobtest.Bytes(3*seg, 4), blobtest.Bytes(seg+9, 5)
			blobtest.Add(t, s, kept)
			failing(t, d, c.op, c.err)

			require.ErrorIs(t, tryMake(t, s, made), c.want)
			require.ErrorIs(t, tryPull(t, s, half), c.want)
			blobtest.RequireWhole(t, s, kept)

			d.fault = func(string, string) error { return nil }
			require.NoError(t, tryMake(t, s, made))
			require.NoError(t, tryPull(t, s, half))
			for _, data := range [][]byte{kept, half, made} {
				blobtest.RequireWhole(t, s, data)
			}
		})
	}
}

func tryMake(t *testing.T, s *Store, data []byte) error {
	w, err := s.Create(t.Context())
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return err
	}
	_, err = w.Commit(t.Context())
	return err
}

func tryPull(t *testing.T, s *Store, data []byte) error {
	p, err := s.Partial(t.Context(), blobtest.Root(data), uint64(len(data)))
	if err != nil {
		return err
	}
	defer p.Close()
	run := bao.All(uint64(len(data)))
	if err := bao.ReadSlice(bytes.NewReader(blobtest.Slice(t, data, run)), blobtest.Root(data), uint64(len(data)), run, p); err != nil {
		return err
	}
	_, err = p.Commit(t.Context())
	return err
}

// A disk that does not read is not a blob that is rotten: nothing is thrown away
// and nothing begun anew, and when it reads again all is there.
func TestDiskThatDoesNotRead(t *testing.T) {
	d, s := newCutStore(t)
	whole, half := blobtest.Bytes(2*seg, 6), blobtest.Bytes(2*seg, 7)
	blobtest.Add(t, s, whole)
	p, err := s.Partial(t.Context(), blobtest.Root(half), 2*seg)
	require.NoError(t, err)
	blobtest.Put(t, p, half, bao.Range{First: 1, Count: 1})
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	b, err := s.Open(t.Context(), blobtest.Root(whole))
	require.NoError(t, err)
	defer b.Close()

	failing(t, d, "read", syscall.EIO)
	err = b.WriteSlice(io.Discard, bao.All(2*seg))
	require.ErrorIs(t, err, blob.ErrDisk)
	require.NotErrorIs(t, err, pdx.ErrCorrupt)
	_, err = s.Open(t.Context(), blobtest.Root(whole))
	require.ErrorIs(t, err, blob.ErrDisk)
	_, err = s.Partial(t.Context(), blobtest.Root(half), 2*seg)
	require.ErrorIs(t, err, blob.ErrDisk)
	d.fault = func(string, string) error { return nil }

	blobtest.RequireWhole(t, s, whole)
	p, err = s.Partial(t.Context(), blobtest.Root(half), 2*seg)
	require.NoError(t, err)
	require.Equal(t, uint64(seg), p.Written())
	require.NoError(t, p.Close())
}
