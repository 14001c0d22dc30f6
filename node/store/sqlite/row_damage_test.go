package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

// sale is a document about a deal, as several tables of a node have them.
type sale struct {
	Deal pdx.DealID
	Text string
}

func TestDamagedRowIsNamedAndOthersAreRead(t *testing.T) {
	db := newDB(t)
	table := store.NewTable[sale](db, "sales")
	for i, key := range []string{"a", "b", "c"} {
		require.NoError(t, table.Put(t.Context(), key, sale{Deal: pdx.DealID(i + 1), Text: key}))
	}
	sqlite.SpoilRow(t, db, "sales", "b", 3)

	all, err := table.All(t.Context())
	require.NoError(t, err)
	require.Equal(t, []sale{{1, "a"}, {3, "c"}}, all)
	_, err = table.Get(t.Context(), "b")
	require.ErrorIs(t, err, store.ErrDamagedRow)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	require.ErrorContains(t, err, `row "b" of table "sales" (deal 2)`)
	damaged := db.Damaged()
	require.Len(t, damaged, 1)
	require.Equal(t, pdx.DealID(2), damaged[0].Deal)

	_, err = table.Update(t.Context(), "b", func(s sale) (sale, error) { return s, nil })
	require.ErrorIs(t, err, store.ErrDamagedRow)
	require.ErrorIs(t, table.Put(t.Context(), "b", sale{}), store.ErrDamagedRow, "what the deal needs to know would be lost")
	require.ErrorIs(t, table.PutAll(t.Context(), map[string]sale{"b": {}, "d": {}}), store.ErrDamagedRow)
	require.ErrorIs(t, table.ChangeAll(t.Context(), []string{"a", "b"}, func(s sale) sale { return s }), store.ErrDamagedRow)
	_, err = table.Get(t.Context(), "d")
	require.ErrorIs(t, err, pdx.ErrNotFound)
}

func TestDamagedRowIsSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	db := open(t, path)
	table := store.NewTable[sale](db, "sales")
	for _, key := range []string{"a", "b"} {
		require.NoError(t, table.Put(t.Context(), key, sale{Deal: 7, Text: key}))
		sqlite.SpoilRow(t, db, "sales", key, 3)
		_, err := table.Get(t.Context(), key)
		require.ErrorIs(t, err, store.ErrDamagedRow)
	}
	require.ErrorIs(t, db.SetAside(t.Context(), store.Damage{Table: "sales", Key: "c"}), pdx.ErrInvalid)
	require.NoError(t, db.SetAside(t.Context(), db.Damaged()[0]))
	require.NoError(t, table.Delete(t.Context(), "b"))
	require.Empty(t, db.Damaged())
	require.NoError(t, table.Put(t.Context(), "a", sale{Deal: 7}))

	reopened := open(t, path)
	require.Empty(t, reopened.Damaged())
	aside, total, err := reopened.Aside(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, total)
	require.Equal(t, []string{`row "b" of table "sales" (deal 7)`, `row "a" of table "sales" (deal 7)`},
		[]string{aside[0].String(), aside[1].String()})
}

// A row that no deal needs is replaced, and is not lost either.
func TestDamagedRowOfNoDealIsReplaced(t *testing.T) {
	db := newDB(t)
	table := store.NewTable[string](db, "ports")
	require.NoError(t, table.Put(t.Context(), "k", "old"))
	sqlite.SpoilRow(t, db, "ports", "k", 1)
	_, err := table.Get(t.Context(), "k")
	require.ErrorIs(t, err, store.ErrDamagedRow)
	require.NoError(t, table.Put(t.Context(), "k", "new"))
	got, err := table.Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, "new", got)
	require.Empty(t, db.Damaged())
	_, total, err := db.Aside(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, total)
}

func TestDocumentThatDoesNotParseIsDamage(t *testing.T) {
	db := newDB(t)
	require.NoError(t, store.NewTable[any](db, "a").Put(t.Context(), "k", map[string]any{"Deal": 4, "Text": 5}))
	all, err := store.NewTable[sale](db, "a").All(t.Context())
	require.NoError(t, err)
	require.Empty(t, all)
	require.Len(t, db.Damaged(), 1)
	require.Equal(t, pdx.DealID(4), db.Damaged()[0].Deal)
	require.Contains(t, db.Damaged()[0].Fault, "does not parse")
}

// TestSpoiledBytes flips bytes of the page with all rows, one at a time. Either the
// database says that it is no longer whole, or every row is as it was, or is
// among those that are named: never is a wrong value read.
func TestSpoiledBytes(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), whole, nil)
	require.NoError(t, err)
	want := map[string]sale{}
	for i := range 4 {
		table := fmt.Sprintf("table-%d", i)
		want[table] = sale{Deal: pdx.DealID(300 + i), Text: fmt.Sprintf("text %d", i)}
		require.NoError(t, store.NewTable[sale](db, table).Put(t.Context(), "key", want[table]))
	}
	require.NoError(t, store.NewCursor(db, "chain").Advance(t.Context(), 1000))
	require.NoError(t, db.Close())
	raw, err := os.ReadFile(whole)
	require.NoError(t, err)

	opened, refused := 0, 0
	spoiled := filepath.Join(t.TempDir(), "node.db")
	for at := 0; at < len(raw); at += 3 { // each byte takes a database of its own
		if !nearRow(raw, at) {
			continue
		}
		changed := bytes.Clone(raw)
		changed[at] ^= 1 << (at % 8)
		require.NoError(t, os.WriteFile(spoiled, changed, 0o600))
		if readSpoiled(t, spoiled, want) {
			opened++
		} else {
			refused++
		}
	}
	require.Greater(t, opened, 5*refused, "only damage to the structure of a page keeps the database from opening")
}

// nearRow reports whether a byte is of a row, its cell's header included.
func nearRow(raw []byte, at int) bool {
	const header, longest = 16, 110
	window := raw[max(0, at-longest):min(len(raw), at+header)]
	return bytes.Contains(window, []byte("table-")) || bytes.Contains(window, []byte("chain"))
}

func readSpoiled(t *testing.T, path string, want map[string]sale) (opened bool) {
	db, err := sqlite.Open(t.Context(), path, nil)
	if err != nil {
		require.True(t, errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrNewer), "%v", err)
		return false
	}
	defer func() { require.NoError(t, db.Close()) }()
	lost := 0
	for name, doc := range want {
		table := store.NewTable[sale](db, name)
		got, err := table.Get(t.Context(), "key")
		all, listed := table.All(t.Context())
		require.NoError(t, listed)
		if err != nil {
			lost++
			require.Empty(t, all)
			continue
		}
		require.Equal(t, doc, got)
		require.Equal(t, []sale{doc}, all)
	}
	damaged := db.Damaged()
	_, aside, err := db.Aside(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, lost, len(damaged)+aside)
	for _, d := range damaged {
		require.NotEmpty(t, d.Fault)
		require.NoError(t, db.SetAside(t.Context(), d))
	}
	height, err := store.NewCursor(db, "chain").Height(t.Context())
	require.NoError(t, err)
	require.Contains(t, []int64{0, 1000}, height)
	return true
}

// oldHome makes a database as it was before rows had checksums.
func oldHome(t *testing.T, path string, rows int) *sql.DB {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, raw.Close()) })
	for _, statement := range []string{
		"CREATE TABLE documents (collection TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, " +
			"PRIMARY KEY (collection, key)) STRICT, WITHOUT ROWID",
		"CREATE TABLE secrets (name TEXT NOT NULL PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID",
		"CREATE TABLE cursors (name TEXT NOT NULL PRIMARY KEY, height INTEGER NOT NULL) STRICT, WITHOUT ROWID",
		"INSERT INTO cursors VALUES ('chain', 41)",
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
			INSERT INTO documents SELECT 'sales', printf('%%06d', i), CAST(printf('{"Deal":%%d,"Text":"old"}', i) AS BLOB) FROM n`, rows),
		"INSERT INTO documents VALUES ('sales', 'x', x'00')",
		"PRAGMA user_version = 1",
	} {
		_, err := raw.Exec(statement)
		require.NoError(t, err)
	}
	return raw
}

func TestOldRowsGetChecksums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	const rows = 2*sqlite.AdoptStep + 1
	oldHome(t, path, rows)
	for range 2 {
		db := open(t, path)
		all, err := store.NewTable[sale](db, "sales").All(t.Context())
		require.NoError(t, err)
		require.Len(t, all, rows)
		require.Equal(t, []store.Damage{{Table: "sales", Key: "x", Fault: "its checksum does not match"}}, db.Damaged())
		height, err := store.NewCursor(db, "chain").Height(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 41, height)
		sqlite.SpoilRow(t, db, "sales", "000700", 9)
		_, err = store.NewTable[sale](db, "sales").Get(t.Context(), "000700")
		require.ErrorContains(t, err, "(deal 700)", "the row has a checksum and knows its deal")
		sqlite.SpoilRow(t, db, "sales", "000700", 9) // as it was
	}
}

// A crash between two steps of the migration costs nothing.
func TestMigrationGoesOnAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	raw := oldHome(t, path, 10)
	db, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	for _, statement := range []string{
		"UPDATE documents SET sum = NULL, deal = NULL WHERE key > '000004'",
		"UPDATE cursors SET sum = NULL", "PRAGMA user_version = 2",
	} {
		_, err := raw.Exec(statement)
		require.NoError(t, err)
	}
	all, err := store.NewTable[sale](open(t, path), "sales").All(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 10)

	_, err = raw.Exec("UPDATE documents SET sum = NULL WHERE key = '000004'")
	require.NoError(t, err)
	require.Len(t, open(t, path).Damaged(), 2, "after the migration a missing checksum is damage")
}

func TestDamagedCursorStartsAfresh(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	db, err := sqlite.Open(t.Context(), path, nil)
	require.NoError(t, err)
	require.NoError(t, store.NewCursor(db, "chain").Advance(t.Context(), 41))
	require.NoError(t, db.Close())
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = raw.Exec("UPDATE cursors SET height = 1 << 40")
	require.NoError(t, err)
	require.NoError(t, raw.Close())

	db = open(t, path)
	cursor := store.NewCursor(db, "chain")
	height, err := cursor.Height(t.Context())
	require.NoError(t, err)
	require.Zero(t, height)
	require.NoError(t, cursor.Advance(t.Context(), 42))
	height, err = cursor.Height(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 42, height)
	_, total, err := db.Aside(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, total)
}

// A damaged witness is not blamed on the key file.
func TestDamagedSecretIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.db")
	db, key := open(t, path), newKey(t)
	secrets, err := store.OpenSecrets(t.Context(), db, key)
	require.NoError(t, err)
	require.NoError(t, secrets.Put(t.Context(), "keys/peer", []byte{1}))
	require.NoError(t, secrets.Put(t.Context(), "other", []byte{2}))
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer raw.Close()
	for name, opens := range map[string]error{"keys/peer": nil, "store/witness": pdx.ErrCorrupt} {
		_, err = raw.Exec("UPDATE secrets SET sealed = CAST(sealed || x'00' AS BLOB) WHERE name = ?", name)
		require.NoError(t, err)
		_, err = store.OpenSecrets(t.Context(), db, key)
		if name == "keys/peer" {
			require.NoError(t, err)
			_, err = secrets.Get(t.Context(), name)
			opens = pdx.ErrCorrupt
		}
		require.ErrorIs(t, err, opens)
		require.ErrorContains(t, err, fmt.Sprintf("row %q", name))
		_, err = raw.Exec("UPDATE secrets SET sealed = substr(sealed, 1, length(sealed)-1) WHERE name = ?", name)
		require.NoError(t, err)
	}
	_, err = store.OpenSecrets(t.Context(), db, newKey(t))
	require.ErrorIs(t, err, pdx.ErrRefused)
}
