package fs_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

const seg = bao.SegmentSize

// damages are what can happen to a blob's files behind the store's back.
var damages = map[string]func(t *testing.T, dir string){
	"data cut":    func(t *testing.T, dir string) { require.NoError(t, os.Truncate(filepath.Join(dir, "data"), seg)) },
	"data longer": func(t *testing.T, dir string) { require.NoError(t, os.Truncate(filepath.Join(dir, "data"), 9*seg)) },
	"data gone":   func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "data"))) },
	"tree cut":    func(t *testing.T, dir string) { require.NoError(t, os.Truncate(filepath.Join(dir, "tree"), 1)) },
	"tree gone":   func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "tree"))) },
	"facts cut":   func(t *testing.T, dir string) { require.NoError(t, os.Truncate(filepath.Join(dir, "facts"), 20)) },
	"facts gone":  func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "facts"))) },
	"facts wrong": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "facts"), 41) },
}

func flip(t *testing.T, path string, at int64) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer f.Close()
	var b [1]byte
	_, err = f.ReadAt(b[:], at)
	require.NoError(t, err)
	b[0] ^= 1
	_, err = f.WriteAt(b[:], at)
	require.NoError(t, err)
}

func TestDamagedBlobIsCorruptAndCanBeHadAgain(t *testing.T) {
	data := blobtest.Bytes(3*seg+5, 1)
	id := blobtest.Root(data)
	again := map[string]func(*testing.T, *fs.Store){
		"made": func(t *testing.T, s *fs.Store) { blobtest.Add(t, s, data) },
		"pulled": func(t *testing.T, s *fs.Store) {
			p, err := s.Partial(t.Context(), id, 3*seg+5)
			require.NoError(t, err)
			blobtest.Put(t, p, data, bao.All(3*seg+5))
			_, err = p.Commit(t.Context())
			require.NoError(t, err)
			require.NoError(t, p.Close())
		},
	}
	for name, damage := range damages {
		for how, have := range again {
			t.Run(name+", "+how, func(t *testing.T) {
				dir := t.TempDir()
				s := open(t, dir)
				blobtest.Add(t, s, data)
				damage(t, filepath.Join(dir, "blobs", id.String()))
				_, err := s.Open(t.Context(), id)
				require.ErrorIs(t, err, pdx.ErrCorrupt)
				_, err = s.Stat(t.Context(), id)
				require.ErrorIs(t, err, pdx.ErrCorrupt)
				for info, err := range s.List(t.Context()) {
					require.ErrorIs(t, err, pdx.ErrCorrupt)
					require.Equal(t, id, info.ID)
				}
				have(t, s)
				blobtest.RequireWhole(t, s, data)
			})
		}
	}
}

func TestDamagedPullBeginsAnew(t *testing.T) {
	data := blobtest.Bytes(3*seg+5, 2)
	id := blobtest.Root(data)
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			p, err := s.Partial(t.Context(), id, 3*seg+5)
			require.NoError(t, err)
			blobtest.Put(t, p, data, bao.Range{First: 1, Count: 1})
			require.NoError(t, p.Checkpoint(t.Context()))
			require.NoError(t, p.Close())
			damage(t, filepath.Join(dir, "partial", id.String()))
			p, err = s.Partial(t.Context(), id, 3*seg+5)
			require.NoError(t, err)
			require.Zero(t, p.Written())
			require.NoError(t, p.Close())
		})
	}
}

func TestRottenBytesAreNotServed(t *testing.T) {
	data := blobtest.Bytes(3*seg+5, 3)
	for _, name := range []string{"data", "tree"} {
		dir := t.TempDir()
		s := open(t, dir)
		id := blobtest.Add(t, s, data)
		flip(t, filepath.Join(dir, "blobs", id.String(), name), 70)
		b, err := s.Open(t.Context(), id)
		require.NoError(t, err, "sizes are right")
		require.ErrorIs(t, b.WriteSlice(io.Discard, bao.All(3*seg+5)), pdx.ErrCorrupt)
		require.NoError(t, b.Close())
	}
}

func TestFileThatShrinksWhileOpen(t *testing.T) {
	data := blobtest.Bytes(3*seg, 4)
	dir := t.TempDir()
	s := open(t, dir)
	id := blobtest.Add(t, s, data)
	b, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer b.Close()
	require.NoError(t, os.Truncate(filepath.Join(dir, "blobs", id.String(), "data"), seg))
	require.ErrorIs(t, b.WriteSlice(io.Discard, bao.All(3*seg)), pdx.ErrCorrupt)
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, err := fs.Open(dir)
	require.ErrorIs(t, err, blob.ErrBusy)
	require.NoError(t, s.Close())
	require.NoError(t, open(t, dir).Close())
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	w, err := s.Create(t.Context())
	require.NoError(t, err)
	_, err = w.Write(blobtest.Bytes(seg, 5))
	require.NoError(t, err)
	whole := blobtest.Bytes(seg, 6)
	id := blobtest.Add(t, s, whole)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "partial", id.String()), os.DirFS(filepath.Join(dir, "blobs", id.String()))))
	require.NoError(t, s.Close())

	s = open(t, dir)
	for _, sub := range []string{"tmp", "partial"} {
		left, err := os.ReadDir(filepath.Join(dir, sub))
		require.NoError(t, err)
		require.Empty(t, left, sub)
	}
	blobtest.RequireWhole(t, s, whole)
}

// A crash after the last checkpoint and before the rename costs nothing.
func TestAllHeldButNotCommitted(t *testing.T) {
	data := blobtest.Bytes(2*seg, 7)
	dir := t.TempDir()
	s := open(t, dir)
	p, err := s.Partial(t.Context(), blobtest.Root(data), 2*seg)
	require.NoError(t, err)
	blobtest.Put(t, p, data, bao.All(2*seg))
	require.NoError(t, p.Checkpoint(t.Context()))
	require.NoError(t, p.Close())
	require.NoError(t, s.Close())

	s = open(t, dir)
	info, err := s.Stat(t.Context(), blobtest.Root(data))
	require.NoError(t, err)
	require.False(t, info.Complete)
	p, err = s.Partial(t.Context(), blobtest.Root(data), 2*seg)
	require.NoError(t, err)
	require.Zero(t, p.NextMissing(0, 9).Count)
	_, err = p.Commit(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	blobtest.RequireWhole(t, s, data)
}

func TestNotADirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := fs.Open(file)
	require.Error(t, err)
}
