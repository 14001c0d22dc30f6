package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
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

// kind is the kind of store under test.
var kind = storetest.Kind{
	New:  func(t *testing.T) string { return filepath.Join(t.TempDir(), "node ?%#.db") },
	Open: sqlite.Open,
	Spoil: func(t *testing.T, location, table, key string) {
		raw, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: location}).String())
		require.NoError(t, err)
		_, err = raw.ExecContext(t.Context(), "UPDATE documents SET body = CAST(replace(CAST(body AS TEXT), 'text', 'tekt') AS BLOB)"+
			" WHERE collection = ? AND key = ?", table, key)
		require.NoError(t, errors.Join(err, raw.Close()))
	},
}

func TestMain(m *testing.M) {
	storetest.Writer(kind)
	goleak.VerifyTestMain(m)
}

func TestContract(t *testing.T) { storetest.Run(t, kind) }

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
