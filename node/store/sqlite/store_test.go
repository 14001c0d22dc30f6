package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
	"github.com/medibloc/pdx/node/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		writeForever(dir) // the child of TestKill
	}
	goleak.VerifyTestMain(m)
}

const testWorkFactor = 4 // scrypt in a millisecond

func open(t *testing.T, path string) *store.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func newDB(t *testing.T) *store.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "node ?%#.db"))
}

func newKey(t *testing.T) store.Key {
	t.Helper()
	key, err := store.CreateKey(filepath.Join(t.TempDir(), "key"), "pass", testWorkFactor)
	require.NoError(t, err)
	return key
}

func TestTable(t *testing.T) {
	storetest.RunTable(t, func(t *testing.T) storetest.Documents[storetest.Doc] {
		return store.NewTable[storetest.Doc](newDB(t), "docs")
	})
}

func TestSecrets(t *testing.T) {
	storetest.RunSecrets(t, func(t *testing.T) storetest.Vault {
		secrets, err := store.OpenSecrets(t.Context(), newDB(t), newKey(t))
		require.NoError(t, err)
		return secrets
	})
}

func TestTablesAreApart(t *testing.T) {
	db := newDB(t)
	require.NoError(t, store.NewTable[int](db, "a").Put(t.Context(), "k", 1))
	_, err := store.NewTable[int](db, "b").Get(t.Context(), "k")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func TestDocumentTooLarge(t *testing.T) {
	table := store.NewTable[string](newDB(t), "a")
	require.ErrorIs(t, table.Put(t.Context(), "k", string(make([]byte, store.MaxDocument))), pdx.ErrInvalid)
}

func TestDocumentOfAnotherShape(t *testing.T) {
	db := newDB(t)
	require.NoError(t, store.NewTable[string](db, "a").Put(t.Context(), "k", "text"))
	_, err := store.NewTable[int](db, "a").Get(t.Context(), "k")
	require.ErrorIs(t, err, pdx.ErrCorrupt)
}

func TestCursor(t *testing.T) {
	db := newDB(t)
	chain, other := store.NewCursor(db, "chain"), store.NewCursor(db, "other")
	for _, step := range []struct{ to, at int64 }{{0, 0}, {7, 7}, {3, 7}, {8, 8}} {
		require.NoError(t, chain.Advance(t.Context(), step.to))
		at, err := chain.Height(t.Context())
		require.NoError(t, err)
		require.Equal(t, step.at, at)
	}
	at, err := other.Height(t.Context())
	require.NoError(t, err)
	require.Zero(t, at)
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	require.NoError(t, store.NewTable[string](db, "a").Put(t.Context(), "k", "v"))
	require.NoError(t, db.Close())

	got, err := store.NewTable[string](open(t, path), "a").Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, "v", got)
}

func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	db := open(t, filepath.Join(dir, "node.db"))
	require.NoError(t, store.NewTable[int](db, "a").Put(t.Context(), "k", 1))
	_, err := store.CreateKey(filepath.Join(dir, "key"), "pass", testWorkFactor)
	require.NoError(t, err)

	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(entries), 3) // database, its log, key
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), entry.Name())
	}
}

func ExampleTable() {
	dir, _ := os.MkdirTemp("", "store")
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "node.db"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	type visit struct{ Times int }
	visits := store.NewTable[visit](db, "visits")
	_ = visits.Put(ctx, "alice", visit{Times: 1})
	v, _ := visits.Update(ctx, "alice", func(v visit) (visit, error) { v.Times++; return v, nil })
	fmt.Println(v.Times)
	// Output: 2
}
