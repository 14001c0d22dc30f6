package durable_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/internal/durable"
)

func TestTree(t *testing.T) {
	for _, files := range []int{0, 1, 8, 9, 100} {
		dir := t.TempDir()
		tree, err := durable.OpenTree(dir)
		require.NoError(t, err)
		for i := range files {
			f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
			require.NoError(t, err)
			_, err = f.WriteString("x")
			require.NoError(t, err)
			require.NoError(t, tree.File(f))
			require.NoError(t, f.Close())
		}
		all, err := tree.Sync()
		require.NoError(t, err)
		require.False(t, all && files <= 8, "few files are synced by themselves")
		require.NoError(t, tree.Close())
		require.NoError(t, tree.Close())
	}
	_, err := durable.OpenTree(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A sync that fails is an error of Sync, not a word in a log.
func TestTreeFailsWhenItsSyncDoes(t *testing.T) {
	dir := t.TempDir()
	tree, err := durable.OpenTree(dir)
	require.NoError(t, err)
	f, err := os.Create(filepath.Join(dir, "x"))
	require.NoError(t, err)
	defer f.Close()
	for range 8 {
		require.NoError(t, tree.File(f))
	}
	err = tree.File(f)
	require.NoError(t, err)
	if all, err := tree.Sync(); err == nil && !all {
		t.Skip("this system syncs each file by itself")
	}
	require.NoError(t, tree.Close())
	_, err = tree.Sync()
	require.Error(t, err)
}
