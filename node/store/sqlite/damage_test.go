package sqlite_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	text := bytes.Repeat([]byte("a letter to my doctor\n"), 500)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	_, err := sqlite.Open(t.Context(), path, nil)
	require.ErrorIs(t, err, store.ErrDamaged)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, kept)
}

func TestDamagedPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	table := store.NewTable[string](db, "a")
	for _, key := range []string{"a", "b", "c", "d"} {
		require.NoError(t, table.Put(t.Context(), key, string(bytes.Repeat([]byte("x"), 3000))))
	}
	require.NoError(t, db.Close())

	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	const page = 4096
	for i := page; i < len(raw); i += page { // every page head but the first
		copy(raw[i:], bytes.Repeat([]byte{0xA5}, 64))
	}
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	_, err = sqlite.Open(t.Context(), path, nil)
	require.ErrorIs(t, err, store.ErrDamaged)
}

func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = raw.Exec("PRAGMA user_version = 1000")
	require.NoError(t, err)
	require.NoError(t, raw.Close())

	_, err = sqlite.Open(t.Context(), path, nil)
	require.ErrorIs(t, err, store.ErrNewer)
	require.ErrorContains(t, err, "newer version")
}

func TestFolderMissing(t *testing.T) {
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "none", "node.db"), nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadOnlyFile(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everything")
	}
	path := filepath.Join(t.TempDir(), "node.db")
	require.NoError(t, os.WriteFile(path, nil, 0o400))
	_, err := sqlite.Open(t.Context(), path, nil)
	require.ErrorIs(t, err, store.ErrReadOnly)
}

func TestReadOnlyDisk(t *testing.T) {
	db := newDB(t)
	sqlite.QueryOnly(t, db)
	err := store.NewTable[int](db, "a").Put(t.Context(), "k", 1)
	require.ErrorIs(t, err, store.ErrReadOnly)
	require.ErrorContains(t, err, "mounted read-only")
}

// TestDiskFull limits the size of the database, which SQLite reports as it does
// a full disk, and sees that writing works again afterwards.
func TestDiskFull(t *testing.T) {
	db := newDB(t)
	table := store.NewTable[[]byte](db, "a")
	require.NoError(t, table.Put(t.Context(), "small", []byte{1}))

	sqlite.LimitPages(t, db, 20)
	err := table.Put(t.Context(), "large", make([]byte, 1<<20))
	require.ErrorIs(t, err, store.ErrFull)
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	_, err = table.Get(t.Context(), "large")
	require.ErrorIs(t, err, pdx.ErrNotFound)

	sqlite.LimitPages(t, db, 1<<20)
	require.NoError(t, table.Put(t.Context(), "large", make([]byte, 1<<20)))
}

func TestClosed(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "node.db"), nil)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.Error(t, store.NewTable[int](db, "a").Put(t.Context(), "k", 1))
}
