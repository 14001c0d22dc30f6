package fs_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/fs"
)

func TestWhatWasFoundRightIsHashedOnce(t *testing.T) {
	data := blobtest.Bytes(3*seg+5, 3)
	dir := t.TempDir()
	s := open(t, dir)
	id := blobtest.Add(t, s, data)
	path := filepath.Join(dir, "blobs", id.String(), "data")
	made := time.Now().Add(-time.Hour)
	for _, name := range []string{"data", "tree"} {
		require.NoError(t, os.Chtimes(filepath.Join(filepath.Dir(path), name), made, made))
	}
	right := slice(t, s, id)

	flip(t, path, 2*seg)
	require.NoError(t, os.Chtimes(path, made, made))
	require.False(t, bytes.Equal(right, slice(t, s, id)), "a rotten disk keeps the file's time: the puller finds it")

	require.NoError(t, os.Chtimes(path, made, made.Add(time.Second)))
	require.ErrorIs(t, writeAll(t, s, id, io.Discard), pdx.ErrCorrupt, "the file changed")
	flip(t, path, 2*seg)
	require.Equal(t, right, slice(t, s, id), "and is mended")
}

func slice(t *testing.T, s *fs.Store, id pdx.ContentID) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, writeAll(t, s, id, &b))
	return b.Bytes()
}

func writeAll(t *testing.T, s *fs.Store, id pdx.ContentID, w io.Writer) error {
	t.Helper()
	b, err := s.Open(t.Context(), id)
	require.NoError(t, err)
	defer b.Close()
	return b.WriteSlice(w, bao.All(b.Size()))
}
