package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/durable"
)

func TestReplaceIsWholeAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a [folder] with * and ?", "file")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	for _, content := range []string{"old and long", "new"} {
		require.NoError(t, durable.Replace(path, []byte(content)))
		has, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, content, string(has))
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	names, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, names, 1, "nothing else is left")
}

func TestReplaceLeavesNothingWhenItFails(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "folder")
	require.NoError(t, os.MkdirAll(filepath.Join(inTheWay, "full"), 0o700))
	require.Error(t, durable.Replace(inTheWay, []byte("x")))
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, names, 1)
}

func TestRenameBetweenFolders(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from", "x"), filepath.Join(dir, "to", "y")
	for _, path := range []string{from, to} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	}
	require.NoError(t, os.WriteFile(from, []byte("x"), 0o600))
	require.NoError(t, durable.Rename(from, to))
	require.FileExists(t, to)
	require.NoFileExists(t, from)
	require.ErrorIs(t, durable.Rename(from, to), os.ErrNotExist)
	require.ErrorIs(t, durable.SyncDir(filepath.Join(dir, "none")), os.ErrNotExist)
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b[", "c")
	for range 2 { // the second time they are there
		require.NoError(t, durable.MkdirAll(path))
		require.DirExists(t, path)
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	inTheWay := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(inTheWay, nil, 0o600))
	require.Error(t, durable.MkdirAll(filepath.Join(inTheWay, "x")))
	require.Error(t, durable.MkdirAll(inTheWay))
}

func TestMkdirAllBelowWhatMayNotBeRead(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	parent := t.TempDir()
	path := filepath.Join(parent, "there")
	require.NoError(t, os.Mkdir(path, 0o700))
	require.NoError(t, os.Chmod(parent, 0o300)) // what is in it may be used, not listed
	t.Cleanup(func() { _ = os.Chmod(parent, 0o700) })
	require.NoError(t, durable.MkdirAll(path))
	require.ErrorIs(t, durable.MkdirAll(filepath.Join(parent, "new")), os.ErrPermission)
}
