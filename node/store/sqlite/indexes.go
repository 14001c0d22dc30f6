package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// indexTables are made beside the versioned layout, so that an older program still
// opens the file: it does not know them, and its writes run the triggers too.
//
// An entry is what an index has of one row. The value of a document that does not
// parse is in no index: the row is damaged.
const indexTables = `
CREATE TABLE IF NOT EXISTS indexes (
	collection TEXT NOT NULL,
	field      TEXT NOT NULL,
	PRIMARY KEY (collection, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
	collection TEXT NOT NULL,
	field      TEXT NOT NULL,
	value      ANY  NOT NULL,
	key        TEXT NOT NULL,
	PRIMARY KEY (collection, field, value, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_row ON entries (collection, key);
CREATE TRIGGER IF NOT EXISTS documents_inserted AFTER INSERT ON documents BEGIN
	INSERT OR IGNORE INTO entries ` + newEntries + `;
END;
CREATE TRIGGER IF NOT EXISTS documents_updated AFTER UPDATE ON documents BEGIN
	DELETE FROM entries WHERE collection = OLD.collection AND key = OLD.key;
	INSERT OR IGNORE INTO entries ` + newEntries + `;
END;
CREATE TRIGGER IF NOT EXISTS documents_deleted AFTER DELETE ON documents BEGIN
	DELETE FROM entries WHERE collection = OLD.collection AND key = OLD.key;
END;`

// newEntries selects the entries of the row that a trigger is about, wantedEntries
// those of all rows; indexedValue is the value of a field, NULL for none.
const (
	newEntries = "SELECT i.collection, i.field, " +
		"(SELECT " + indexedValue + " FROM (SELECT CAST(NEW.body AS TEXT) AS text, '$.' || i.field AS path))" +
		" AS value, NEW.key FROM indexes i WHERE i.collection = NEW.collection AND value IS NOT NULL"
	wantedEntries = "SELECT d.collection, i.field, " +
		"(SELECT " + indexedValue + " FROM (SELECT CAST(d.body AS TEXT) AS text, '$.' || i.field AS path))" +
		" AS value, d.key FROM documents d JOIN indexes i ON i.collection = d.collection WHERE value IS NOT NULL"
	indexedValue = "CASE WHEN json_valid(text) AND json_type(text, path) <> 'object' THEN json_extract(text, path) END"
)

// fieldName is what an index can be declared on.
var fieldName = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

// prepareIndexes declares the indexes of the schema and makes their entries those of
// the rows. Damage, and a program that declared others, may have left different ones.
func (b *Backend) prepareIndexes(ctx context.Context) error {
	return b.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, indexTables+"DELETE FROM indexes"); err != nil {
			return err
		}
		for table, fields := range b.schema {
			for _, field := range fields {
				if !fieldName.MatchString(field) {
					return fmt.Errorf("index %s of table %s: %w: not the name of a field", field, table, pdx.ErrInvalid)
				}
				if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO indexes VALUES (?, ?)", table, field); err != nil {
					return err
				}
			}
		}
		var differ bool
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT * FROM entries EXCEPT "+wantedEntries+
			") OR EXISTS ("+wantedEntries+" EXCEPT SELECT * FROM entries)").Scan(&differ)
		if err == nil && differ {
			_, err = tx.ExecContext(ctx, "DELETE FROM entries; INSERT OR IGNORE INTO entries "+wantedEntries)
		}
		return err
	})
}

// within is the reader of a transaction.
func (b *Backend) within(tx *sql.Tx) reader { return reader{tx, b.schema} }

// Rows yields the rows that a query selects.
func (r reader) Rows(ctx context.Context, q store.Query) iter.Seq2[store.Row, error] {
	if q.Field != "" && !slices.Contains(r.schema[q.Table], q.Field) {
		return func(yield func(store.Row, error) bool) {
			yield(store.Row{}, fmt.Errorf("table %s has no index of field %s: %w", q.Table, q.Field, pdx.ErrInvalid))
		}
	}
	query, args := selectRows(q)
	return r.rows(ctx, query, args)
}

func selectRows(q store.Query) (query string, args []any) {
	field, from, where := "d.key", "documents d", "d.collection = ?"
	args = []any{q.Table}
	if q.Field != "" {
		field, from = "e.value", "entries e JOIN documents d ON d.collection = e.collection AND d.key = e.key"
		where, args = "e.collection = ? AND e.field = ?", append(args, q.Field)
	}
	if q.From != nil {
		where, args = where+" AND "+field+" >= ?", append(args, q.From)
	}
	if q.From != nil && q.After != "" {
		where, args = where+" AND ("+field+" > ? OR d.key > ?)", append(args, q.From, q.After)
	}
	if q.To != nil {
		where, args = where+" AND "+field+" < ?", append(args, q.To)
	}
	limit := -1 // SQLite's "no limit"
	if q.Limit > 0 {
		limit = q.Limit
	}
	order := field
	if q.Field != "" {
		order += ", e.key"
	}
	return "SELECT d." + strings.ReplaceAll(rowColumns, ", ", ", d.") + " FROM " + from +
		" WHERE " + where + " ORDER BY " + order + " LIMIT ?", append(args, limit)
}
