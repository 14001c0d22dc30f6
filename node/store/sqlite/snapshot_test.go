package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/store"
)

// A snapshot has all that was committed when it began, while writing goes on.
func TestSnapshot(t *testing.T) {
	db, key := newDB(t), newKey(t)
	secrets, err := store.OpenSecrets(t.Context(), db, key)
	require.NoError(t, err)
	require.NoError(t, secrets.Put(t.Context(), "a secret", []byte("value")))
	require.NoError(t, secrets.Put(t.Context(), "a-other", []byte("other")))
	require.NoError(t, secrets.Put(t.Context(), "b", nil))
	names, err := secrets.Names(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, []string{"a secret", "a-other"}, names)

	table, done, wrote := store.NewTable[int](db, "n"), make(chan struct{}), make(chan int)
	first := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			if err := table.Put(t.Context(), fmt.Sprint(i), i); err != nil {
				t.Error(err)
			}
			if i == 0 {
				close(first)
			}
			select {
			case <-done:
				wrote <- i + 1
				return
			default:
			}
		}
	}()
	<-first
	path := filepath.Join(t.TempDir(), "copy ?%.db")
	require.NoError(t, db.Snapshot(t.Context(), path))
	close(done)
	total := <-wrote

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	again := open(t, path)
	n, err := store.NewTable[int](again, "n").Count(t.Context())
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, 1)
	require.LessOrEqual(t, n, total)
	copied, err := store.OpenSecrets(t.Context(), again, key)
	require.NoError(t, err)
	value, err := copied.Get(t.Context(), "a secret")
	require.NoError(t, err)
	require.Equal(t, "value", string(value))
	require.ErrorIs(t, db.Snapshot(t.Context(), path), os.ErrExist)
}
