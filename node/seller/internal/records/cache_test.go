package records

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/node/model"
)

// folders is the format of folders.
func folders(t *testing.T) format.Folder {
	t.Helper()
	f, err := criteria.Formats().ForFolder(func(string) bool { return false })
	require.NoError(t, err)
	return f
}

// disclosedFolders are some folders that were disclosed, where, and out of what.
func disclosedFolders(t *testing.T, n int) (paths []string, data []model.Data) {
	t.Helper()
	for i := range n {
		d := model.Data{Path: filepath.Join(t.TempDir(), "data"), MediaType: criteria.Folder}
		require.NoError(t, os.Mkdir(d.Path, 0o700))
		for j := range 40 {
			text := fmt.Sprintf("{\"id\":\"%d of %d\"}\n", j, i)
			require.NoError(t, os.WriteFile(filepath.Join(d.Path, fmt.Sprintf("f%02d.ndjson", j)), []byte(text), 0o600))
		}
		require.NoError(t, Survey(t.Context(), criteria.InProcess(criteria.Formats()), &d, folders(t), nil))
		at := filepath.Join(t.TempDir(), "disclosed")
		_, err := projection(t, d).Write(t.Context(), at)
		require.NoError(t, err)
		paths, data = append(paths, at), append(data, d)
	}
	return paths, data
}

// projection discloses all of a folder that is worth one copy.
func projection(t *testing.T, d model.Data) Projection {
	t.Helper()
	keep := criteria.Disclosure{Fields: []string{""}}
	return Projection{
		Data: d, Format: folders(t), By: criteria.InProcess(criteria.Formats()), Keep: keep, OneCopy: true, Meter: NewMeter(nil),
	}
}

// Those who pull the same folder read the same open files; when nobody does, none
// is open; and few manifests are kept.
func TestFolderCache(t *testing.T) {
	s := NewCache()
	paths, data := disclosedFolders(t, maxCachedFolders+2)
	var readers sync.WaitGroup
	for i, path := range paths {
		want := ""
		for range 8 {
			source, size, err := s.Open(fmt.Sprint(i), path, data[i])
			require.NoError(t, err)
			whole, err := io.ReadAll(io.NewSectionReader(source, 0, int64(size)))
			require.NoError(t, err)
			if want == "" {
				want = string(whole)
			}
			require.Contains(t, want, fmt.Sprintf("39 of %d", i))
			readers.Go(func() {
				defer source.Close()
				again, err := io.ReadAll(io.NewSectionReader(source, 0, int64(size)))
				if err != nil || string(again) != want {
					t.Errorf("read again: %v, or other bytes", err)
				}
			})
		}
		require.LessOrEqual(t, openFiles(t, data[i].Path), 16+8, "the idle ones, and one for each reader")
	}
	readers.Wait()
	for _, d := range data {
		require.Zero(t, openFiles(t, d.Path))
	}
	source, _, err := s.Open("0", paths[0], data[0])
	require.NoError(t, err)
	require.LessOrEqual(t, len(s.kept), maxCachedFolders)
	require.NoError(t, source.Close())
	require.NoError(t, source.Close(), "twice does nothing")
	_, err = source.ReadAt(make([]byte, 1), int64(len(s.kept["0"].manifest.Bytes())))
	require.Error(t, err, "closed")

	require.NoError(t, os.RemoveAll(data[0].Path))
	_, _, err = s.Open("0", paths[0], data[0])
	require.ErrorIs(t, err, ErrSource)
	_, err = projection(t, data[0]).Write(t.Context(), t.TempDir())
	require.ErrorIs(t, err, pdx.ErrRefused)
}

// openFiles is how many files below a folder this process has open.
func openFiles(t *testing.T, path string) (n int) {
	t.Helper()
	all, err := filepath.Glob("/proc/self/fd/*")
	require.NoError(t, err)
	for _, fd := range all {
		if to, err := os.Readlink(fd); err == nil && filepath.Dir(to) == path {
			n++
		}
	}
	return n
}
