package logfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/logfile"
)

func open(t *testing.T, folder string, limit int64) *logfile.File {
	t.Helper()
	f, err := logfile.Open(folder, limit)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func write(t *testing.T, f *logfile.File, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		_, err := fmt.Fprintf(f, "line %d\n", i)
		require.NoError(t, err)
	}
}

func next(t *testing.T, r *logfile.Reader) (lines []string) {
	t.Helper()
	all, err := r.Next()
	require.NoError(t, err)
	for _, line := range all {
		lines = append(lines, string(line))
	}
	return lines
}

func reader(t *testing.T, folder string) *logfile.Reader {
	t.Helper()
	r := logfile.NewReader(folder)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// The newest lines are kept, in order and whole, and never more than the limit.
func TestTheNewestLinesAreKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "log")
	f := open(t, folder, 1000)
	write(t, f, 0, 5000)
	var size int64
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
		size += info.Size()
	}
	require.LessOrEqual(t, size, int64(1000))
	require.Greater(t, size, int64(400))
	lines := next(t, reader(t, folder))
	for i, line := range lines {
		require.Equal(t, fmt.Sprintf("line %d", 5000-len(lines)+i), line)
	}
}

// A reader that calls often enough sees every line once, whatever file it is in.
func TestFollowing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "log")
	r := reader(t, folder)
	require.Empty(t, next(t, r), "there is no folder yet")
	f := open(t, folder, 1000)
	var seen []string
	for i := range 300 {
		write(t, f, 10*i, 10*i+10)
		seen = append(seen, next(t, r)...)
	}
	require.Len(t, seen, 3000)
	require.Equal(t, "line 0", seen[0])
	require.Equal(t, "line 2999", seen[2999])
	require.Empty(t, next(t, r))
}

// What a killed process left without an end is a line of its own.
func TestATornLine(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "pdx.log"), []byte("whole\nto"), 0o600))
	r := reader(t, folder)
	require.Equal(t, []string{"whole"}, next(t, r))
	f := open(t, folder, 1000)
	write(t, f, 1, 2)
	require.Equal(t, []string{"to", "line 1"}, next(t, r))
}

// A line that is longer than the limit is written whole.
func TestALongLine(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder, 100)
	write(t, f, 0, 3)
	long := strings.Repeat("x", 500)
	_, err := fmt.Fprintln(f, long)
	require.NoError(t, err)
	write(t, f, 3, 4)
	require.Equal(t, []string{long, "line 3"}, next(t, reader(t, folder)))
}

// A folder that went away while the log was open does not end the log.
func TestAFolderThatGoesAway(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "log")
	f := open(t, folder, 100)
	require.NoError(t, os.RemoveAll(folder))
	for i := range 20 {
		_, _ = fmt.Fprintf(f, "line %d\n", i)
	}
	require.NoError(t, os.MkdirAll(folder, 0o700))
	write(t, f, 20, 21)
	require.Equal(t, []string{"line 20"}, next(t, reader(t, folder)))
}
