package fs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	zeebo "github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
)

// Wherever the power goes while a batch is committed, all of it is there
// afterwards or nothing, and all if the commit said so.
func TestPowerCutsOfBatches(t *testing.T) {
	all := blobtest.Smalls(12, 1)
	outcomes := map[int]int{}
	for seed := range uint64(3 * *powerCuts) {
		d := newCutDisk(rand.New(rand.NewPCG(seed, 2)))
		require.NoError(t, d.MkdirAll(cutDir))
		d.log[0].synced = true
		s, err := openOn(d, cutDir)
		require.NoError(t, err)
		left := 1 + d.rand.IntN(14)
		d.fault = func(string, string) error {
			if left--; left <= 0 {
				return errCut
			}
			return nil
		}
		committed := tryBatch(t, s, all) == nil

		s, err = openOn(d.cut(), cutDir)
		require.NoError(t, err)
		there := 0
		for _, err := range s.List(t.Context()) {
			require.NoError(t, err)
			there++
		}
		require.Contains(t, []int{0, len(all)}, there, "seed %d", seed)
		require.False(t, committed && there == 0, "seed %d: it was committed and is not there", seed)
		if there > 0 {
			blobtest.RequireSmall(t, s, all)
		}
		outcomes[there]++
	}
	require.Len(t, outcomes, 2, "both happen")
}

func tryBatch(t *testing.T, s *Store, all [][]byte) error {
	b, err := s.Batch(t.Context())
	if err != nil {
		return err
	}
	defer b.Abort()
	for _, data := range all {
		if err := b.Put(blobtest.Root(data), data); err != nil {
			return err
		}
	}
	return b.Commit(t.Context())
}

// What a disk refuses says so, loses nothing, and goes on when it is mended.
func TestBatchOnDiskThatFails(t *testing.T) {
	kept, all := blobtest.Smalls(9, 2), blobtest.Smalls(12, 3)
	for op, c := range map[string]struct{ err, want error }{
		"write":  {syscall.ENOSPC, blob.ErrNoSpace},
		"create": {syscall.EROFS, blob.ErrReadOnly},
		"mkdir":  {syscall.EIO, blob.ErrDisk},
		"sync":   {syscall.EIO, blob.ErrDisk},
		"rename": {syscall.EIO, blob.ErrDisk},
	} {
		t.Run(op, func(t *testing.T) {
			d, s := newCutStore(t)
			blobtest.AddBatch(t, s, kept)
			failing(t, d, op, c.err)
			require.ErrorIs(t, tryBatch(t, s, all), c.want)
			blobtest.RequireSmall(t, s, kept)
			if op != "mkdir" { // nothing is made to delete one of many
				require.Error(t, s.Delete(t.Context(), blobtest.Root(kept[3])))
			}
			blobtest.RequireSmall(t, s, kept)
			d.fault = func(string, string) error { return nil }
			require.NoError(t, tryBatch(t, s, all))
			blobtest.RequireSmall(t, s, all)
			s, err := openOn(d.cut(), cutDir)
			require.NoError(t, err)
			blobtest.RequireSmall(t, s, all)
		})
	}
}

// However many of a batch are deleted together, it costs two syncs, or the pack.
func TestDeleteManyCostsAsMuchAsOne(t *testing.T) {
	all := blobtest.Smalls(300, 11)
	for n, most := range map[int]int{1: 2, 200: 2, len(all): 1} {
		d, s := newCutStore(t)
		ids := blobtest.AddBatch(t, s, all)
		syncs := 0
		d.fault = func(op, _ string) error {
			if op == "sync" {
				syncs++
			}
			return nil
		}
		require.NoError(t, s.DeleteMany(t.Context(), ids[:n]))
		require.LessOrEqual(t, syncs, most)
		d.fault = func(string, string) error { return nil }
		s, err := openOn(d.cut(), cutDir)
		require.NoError(t, err)
		left, err := s.Missing(t.Context(), ids)
		require.NoError(t, err)
		require.Len(t, left, n)
	}
}

// The files of a pack's directory.
func packDirs(t *testing.T, dir string) []string {
	names, err := os.ReadDir(filepath.Join(dir, packsDir))
	require.NoError(t, err)
	var all []string
	for _, n := range names {
		all = append(all, filepath.Join(dir, packsDir, n.Name()))
	}
	return all
}

func reopen(t *testing.T, s *Store) *Store {
	require.NoError(t, s.Close())
	s, err := Open(s.dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openAt(t *testing.T, dir string, opts ...Option) *Store {
	s, err := Open(dir, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A pack is found again, with what was deleted of it, and goes with its last blob.
func TestPacksAreFoundAgain(t *testing.T) {
	s := openAt(t, t.TempDir())
	first, second := blobtest.Smalls(20, 4)[1:], blobtest.Smalls(300, 5)[1:]
	blobtest.AddBatch(t, s, first)
	blobtest.AddBatch(t, s, second)
	require.NoError(t, s.Delete(t.Context(), blobtest.Root(second[7])))
	s = reopen(t, s)
	blobtest.RequireSmall(t, s, first)
	blobtest.RequireSmall(t, s, append(second[:7:7], second[8:]...))
	_, err := s.Stat(t.Context(), blobtest.Root(second[7]))
	require.ErrorIs(t, err, pdx.ErrNotFound)
	require.Len(t, packDirs(t, s.dir), 2)
	for _, data := range first {
		require.NoError(t, s.Delete(t.Context(), blobtest.Root(data)))
	}
	require.Len(t, packDirs(t, s.dir), 1)
	s = reopen(t, s)
	blobtest.AddBatch(t, s, first)
	blobtest.RequireSmall(t, s, first)
	require.Len(t, packDirs(t, s.dir), 2)
}

// Wherever roots lie, even where nobody's hashes do, the search finds them.
func TestSearchInPacks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.OneOf(rapid.Uint32(), rapid.Uint32Range(0, 5), rapid.Uint32Range(1<<32-4, 1<<32-1))
		prefixes := rapid.SliceOfN(some, 0, 50).Draw(t, "prefixes")
		slices.Sort(prefixes)
		p := &pack{}
		for _, prefix := range prefixes {
			p.extents = append(p.extents, extent{prefix: prefix})
		}
		for _, want := range append(prefixes, 0, 1<<31, 1<<32-1) {
			var id pdx.ContentID
			binary.BigEndian.PutUint32(id[:], want)
			i, _ := slices.BinarySearch(prefixes, want)
			require.Equal(t, i, p.first(id))
		}
	})
}

// With more packs than files are kept open for, all are read.
func TestManyPacks(t *testing.T) {
	s := openAt(t, t.TempDir())
	var all [][]byte
	for i := range maxOpenPacks + 3 {
		all = append(all, blobtest.Bytes(100, uint64(i)))
		blobtest.AddBatch(t, s, all[i:])
	}
	require.Equal(t, maxOpenPacks, s.packs.open)
	blobtest.RequireSmall(t, s, all)
	require.NoError(t, s.Delete(t.Context(), blobtest.Root(all[0])))
	require.NoError(t, s.Delete(t.Context(), blobtest.Root(all[len(all)-1])))
	s = reopen(t, s)
	blobtest.RequireSmall(t, s, all[1:len(all)-1])
}

func spoil(t *testing.T, path string, change func([]byte) []byte) {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, change(b), 0o600))
}

// A pack that was damaged behind the store's back is not here any more; nothing
// wrong comes out of it, everything else is there, and what was in it can be had
// again.
func TestDamagedPacks(t *testing.T) {
	all, other := blobtest.Smalls(20, 6), blobtest.Smalls(20, 7)[1:]
	flipAt := func(i int) func([]byte) []byte {
		return func(b []byte) []byte {
			b[(i+len(b))%len(b)] ^= 1
			return b
		}
	}
	for name, change := range map[string]func([]byte) []byte{
		"cut":            func(b []byte) []byte { return b[:len(b)/2] },
		"empty":          func([]byte) []byte { return nil },
		"longer":         func(b []byte) []byte { return append(b, 0) },
		"checksum":       flipAt(-1),
		"number":         flipAt(-packFoot),
		"huge number":    flipAt(-packFoot + 7),
		"offset":         flipAt(-packFoot - 5),
		"root":           flipAt(-packFoot - entryLen),
		"another's pack": func([]byte) []byte { return index{end: 8}.encode() },
	} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, t.TempDir())
			blobtest.AddBatch(t, s, all)
			blobtest.AddBatch(t, s, other)
			require.NoError(t, s.Close())
			damaged := packDirs(t, s.dir)[0]
			spoil(t, filepath.Join(damaged, packFile), change)
			var log bytes.Buffer
			s = openAt(t, s.dir, WithLog(slog.New(slog.NewTextHandler(&log, nil))))
			require.Equal(t, 1, strings.Count(log.String(), "level=ERROR"))
			require.Contains(t, log.String(), damaged)
			require.FileExists(t, filepath.Join(damaged, packFile), "it stays")
			blobtest.RequireSmall(t, s, other)
			for _, data := range all {
				_, err := s.Open(t.Context(), blobtest.Root(data))
				require.ErrorIs(t, err, pdx.ErrNotFound)
			}
			blobtest.AddBatch(t, s, all[:10])
			for _, data := range all[10:] {
				blobtest.Add(t, s, data)
			}
			blobtest.RequireSmall(t, s, append(other, all...))
		})
	}
}

// Bytes and entries that rot while the store is open are found when they are read.
func TestPackThatRotsWhileOpen(t *testing.T) {
	all := blobtest.Smalls(12, 8)
	for name, at := range map[string]int{"bytes": len(packMagic) + seg/2, "offset": -packFoot - 5, "root": -packFoot - entryLen} {
		t.Run(name, func(t *testing.T) {
			s := openAt(t, t.TempDir())
			blobtest.AddBatch(t, s, all)
			spoil(t, filepath.Join(packDirs(t, s.dir)[0], packFile), func(b []byte) []byte {
				b[(at+len(b))%len(b)] ^= 1
				return b
			})
			bad := 0
			for _, data := range all {
				got, err := s.Small(t.Context(), blobtest.Root(data), make([]byte, blob.MaxSmall))
				if err != nil {
					require.True(t, errors.Is(err, pdx.ErrCorrupt) || errors.Is(err, pdx.ErrNotFound), err)
					bad++
					continue
				}
				require.True(t, bytes.Equal(data, got))
			}
			require.Equal(t, name == "bytes", bad == 1, "the places are known")
			require.LessOrEqual(t, bad, 1)
			listed, err := s.packed()
			require.NoError(t, err)
			require.Equal(t, name == "bytes", len(listed) == len(all), "or its index is damaged")
		})
	}
}

// Without its record of what was deleted, a pack gives rather too much than too
// little.
func TestDamagedRecordOfDeletions(t *testing.T) {
	all := blobtest.Smalls(12, 9)
	s := openAt(t, t.TempDir())
	blobtest.AddBatch(t, s, all)
	require.NoError(t, s.Delete(t.Context(), blobtest.Root(all[3])))
	require.NoError(t, s.Close())
	spoil(t, filepath.Join(packDirs(t, s.dir)[0], goneFile), func(b []byte) []byte { return b[:len(b)-1] })
	blobtest.RequireSmall(t, openAt(t, s.dir), all)
}

// A pull that was begun goes when the blob comes in a batch.
func TestBatchEndsPulls(t *testing.T) {
	all := blobtest.Smalls(4, 10)
	s := openAt(t, t.TempDir())
	p, err := s.Partial(t.Context(), blobtest.Root(all[3]), uint64(len(all[3])))
	require.NoError(t, err)
	require.NoError(t, p.Close())
	blobtest.AddBatch(t, s, all)
	left, err := os.ReadDir(filepath.Join(s.dir, partialDir))
	require.NoError(t, err)
	require.Empty(t, left)
}

func FuzzReadIndex(f *testing.F) {
	x := index{end: 100, entries: []entry{{pdx.ContentID{1}, 8, 40}, {pdx.ContentID{2}, 48, 52}, {pdx.ContentID{3}, 100, 0}}}
	whole := append(append([]byte(packMagic), make([]byte, 92)...), x.encode()...)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(index{end: 8}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if rest := len(b) - 32; rest > len(packMagic)+8 { // or no input would come past the checksum
			if n := uint64(b[rest-8]); n*entryLen+uint64(len(packMagic))+8 < uint64(rest) {
				sum := indexSum(b[uint64(rest)-8-n*entryLen : rest])
				copy(b[rest:], sum[:])
			}
		}
		x, err := readIndex(bytes.NewReader(b), uint64(len(b)))
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
			return
		}
		require.True(t, bytes.Equal(b[x.end:], x.encode()), "one index has one form")
		for _, e := range x.entries {
			require.LessOrEqual(t, uint64(e.offset)+uint64(e.size), x.end)
		}
	})
}

func FuzzDecodeGone(f *testing.F) {
	gone := bao.NewBitmap(70)
	gone.Add(3)
	f.Add(encodeGone(gone), uint64(70))
	f.Fuzz(func(t *testing.T, b []byte, n uint64) {
		n %= blob.MaxBatchBlobs + 1
		if len(b) > 32 {
			sum := zeebo.Sum256(b[:len(b)-32])
			copy(b[len(b)-32:], sum[:])
		}
		gone, err := decodeGone(b, n)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrCorrupt)
			return
		}
		require.Equal(t, n, gone.Len())
		require.True(t, bytes.Equal(b, encodeGone(gone)))
	})
}
