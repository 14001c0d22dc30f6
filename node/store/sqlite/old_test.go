package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
	"github.com/medibloc/pdx/node/store/sqlite"
)

// The documents of testdata/before-indexes, which the program before indexes wrote:
// its layout is version 3, and the row of sale s4 is damaged.
type (
	oldPool struct {
		RequestID string
		Key       pdx.Element
		Pool      pdx.PoolID
		Destroyed bool
	}
	oldSale struct {
		ID, Data string
		Deal     pdx.DealID
	}
)

var roleSchema = store.Schema{"pools": {"Key"}, "sales": {"Data"}}

func homeBeforeIndexes(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.db")
	content, err := os.ReadFile("testdata/before-indexes/node.db")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func TestOldHomeGoesOn(t *testing.T) {
	ctx := t.Context()
	db, err := sqlite.Open(ctx, homeBeforeIndexes(t), roleSchema)
	require.NoError(t, err)
	defer db.Close()
	pools, sales := store.NewTable[oldPool](db, "pools"), store.NewTable[oldSale](db, "sales")
	all, err := pools.All(ctx)
	require.NoError(t, err)
	require.Len(t, all, 5)
	require.Equal(t, oldPool{"r3", pdx.Element{3, 200}, 4, true}, all[3])
	found, err := pools.Find(ctx, "Key", pdx.Element{2, 200})
	require.NoError(t, err)
	require.Equal(t, []oldPool{all[2]}, found)
	byData, err := sales.Find(ctx, "Data", "d0")
	require.NoError(t, err)
	require.Equal(t, []oldSale{{"s0", "d0", 1}, {"s2", "d0", 3}}, byData)
	require.Equal(t, []store.Damage{{Table: "sales", Key: "s4", Deal: 5, Fault: "its checksum does not match"}}, db.Damaged())
	height, err := store.NewCursor(db, "chain").Height(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1234, height)
	key, err := store.UnlockKey("testdata/before-indexes/storage.key", "pass")
	require.NoError(t, err)
	secrets, err := store.OpenSecrets(ctx, db, key)
	require.NoError(t, err)
	secret, err := secrets.Get(ctx, "pool-key/r1")
	require.NoError(t, err)
	require.Equal(t, "a key", string(secret))

	require.NoError(t, sales.Put(ctx, "s5", oldSale{"s5", "d0", 6}))
	byData, err = sales.Find(ctx, "Data", "d0")
	require.NoError(t, err)
	require.Len(t, byData, 3)
}

// TestOldProgramStillWrites has the statements of the program before indexes write to
// a file that this one has opened.
func TestOldProgramStillWrites(t *testing.T) {
	ctx, path := t.Context(), homeBeforeIndexes(t)
	db, err := sqlite.Open(ctx, path, roleSchema)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	var version int
	require.NoError(t, raw.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version))
	require.Equal(t, 3, version, "a newer layout would be refused")
	row := store.NewRow("sales", "s0", []byte(`{"ID":"s0","Data":"d7","Deal":1}`))
	_, err = raw.ExecContext(ctx, "INSERT INTO documents (collection, key, body, sum, deal) VALUES (?, ?, ?, ?, ?)"+
		" ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum, deal = excluded.deal", row.Table, row.Key, row.Body, row.Sum, 1)
	require.NoError(t, err)
	var entries int
	require.NoError(t, raw.QueryRowContext(ctx, "SELECT count(*) FROM entries WHERE key = 's0' AND value = 'd7'").Scan(&entries))
	require.Equal(t, 1, entries, "its writes keep the indexes")
	_, err = raw.ExecContext(ctx, "DELETE FROM entries WHERE key = 's1'") // damage
	require.NoError(t, err)
	require.NoError(t, raw.Close())

	db, err = sqlite.Open(ctx, path, roleSchema)
	require.NoError(t, err)
	defer db.Close()
	for data, want := range map[string][]oldSale{"d7": {{"s0", "d7", 1}}, "d1": {{"s1", "d1", 2}, {"s3", "d1", 4}}} {
		found, err := store.NewTable[oldSale](db, "sales").Find(ctx, "Data", data)
		require.NoError(t, err)
		require.Equal(t, want, found)
	}
}

// TestTriggersOfAnOlderProgram has a file that the first program with indexes made: its
// triggers do not know indexes of two fields.
func TestTriggersOfAnOlderProgram(t *testing.T) {
	ctx, path := t.Context(), homeBeforeIndexes(t)
	db, err := sqlite.Open(ctx, path, roleSchema)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	raw, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = raw.ExecContext(ctx, `DROP TRIGGER documents_inserted; CREATE TRIGGER documents_inserted AFTER INSERT ON documents BEGIN
		INSERT OR IGNORE INTO entries SELECT i.collection, i.field, (SELECT CASE WHEN json_valid(text) AND json_type(text, path) <> 'object'
		THEN json_extract(text, path) END FROM (SELECT CAST(NEW.body AS TEXT) AS text, '$.' || i.field AS path)) AS value, NEW.key
		FROM indexes i WHERE i.collection = NEW.collection AND value IS NOT NULL; END`)
	require.NoError(t, err)
	require.NoError(t, raw.Close())

	db, err = sqlite.Open(ctx, path, store.Schema{"sales": {"Data", "Deal,Deal"}})
	require.NoError(t, err)
	defer db.Close()
	sales := store.NewTable[oldSale](db, "sales")
	require.NoError(t, sales.Put(ctx, "s9", oldSale{"s9", "d9", 10}))
	found, err := sales.Range(ctx, store.Query{Field: "Deal,Deal", From: store.Joined(4, 4)})
	require.NoError(t, err)
	require.Equal(t, []oldSale{{"s3", "d1", 4}, {"s9", "d9", 10}}, found, "s4 is damaged")
}
