package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"maps"
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
CREATE INDEX IF NOT EXISTS entries_by_row ON entries (collection, key);`

// triggers keep the entries of a row. Those of an older program are replaced.
var triggers = map[string]string{
	"documents_inserted": "AFTER INSERT ON documents BEGIN INSERT OR IGNORE INTO entries " + newEntries + "; END",
	"documents_updated": "AFTER UPDATE ON documents BEGIN " + deleteEntries +
		"; INSERT OR IGNORE INTO entries " + newEntries + "; END",
	"documents_deleted": "AFTER DELETE ON documents BEGIN " + deleteEntries + "; END",
}

const deleteEntries = "DELETE FROM entries WHERE collection = OLD.collection AND key = OLD.key"

// newEntries selects the entries of the row that a trigger is about, wantedEntries
// those of all rows; indexedValue is the value of a field, NULL for none.
const (
	newEntries = "SELECT i.collection, i.field, " +
		"(SELECT " + indexedValue + " FROM (SELECT CAST(NEW.body AS TEXT) AS text, '$.' || i.field AS path))" +
		" AS value, NEW.key FROM indexes i WHERE i.collection = NEW.collection AND value IS NOT NULL"
	wantedEntries = "SELECT d.collection, i.field, " +
		"(SELECT " + indexedValue + " FROM (SELECT CAST(d.body AS TEXT) AS text, '$.' || i.field AS path))" +
		" AS value, d.key FROM documents d JOIN indexes i ON i.collection = d.collection WHERE value IS NOT NULL"
	// An index of two fields has their numbers, joined as store.Joined does.
	indexedValue = "CASE WHEN NOT json_valid(text) THEN NULL WHEN instr(path, ',') THEN (" +
		"SELECT CASE WHEN json_type(text, one) = 'integer' AND json_type(text, two) = 'integer'" +
		" AND json_extract(text, one) >= 0 AND json_extract(text, two) >= 0" +
		" THEN printf('%019d,%019d', json_extract(text, one), json_extract(text, two)) END" +
		" FROM (SELECT substr(path, 1, instr(path, ',') - 1) AS one, '$.' || substr(path, instr(path, ',') + 1) AS two))" +
		" WHEN json_type(text, path) <> 'object' THEN json_extract(text, path) END"
)

// fieldName is what an index can be declared on: a field, or two.
var fieldName = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*(,[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*)?$`)

// prepareIndexes declares the indexes of the schema and makes their entries those of
// the rows. Damage, and a program that declared others, may have left different ones.
func (b *Backend) prepareIndexes(ctx context.Context) error {
	err := b.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, indexTables+"DELETE FROM indexes"); err != nil {
			return err
		}
		if err := prepareTriggers(ctx, tx); err != nil {
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
		return nil
	})
	if err != nil {
		return err
	}
	differ, err := b.entriesDiffer(ctx)
	if err != nil || !differ {
		return err
	}
	return b.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM entries; INSERT OR IGNORE INTO entries "+wantedEntries)
		return err
	})
}

// entriesDiffer reports whether the entries are others than those of the rows. It reads both
// once, in the order of keys: asking SQLite for the difference takes many times as long.
func (b *Backend) entriesDiffer(ctx context.Context) (differ bool, err error) {
	entries, err := b.pool.QueryContext(ctx, "SELECT collection, key, field, value FROM entries ORDER BY collection, key")
	if err != nil {
		return false, err
	}
	defer entries.Close()
	next, stop := iter.Pull2(entriesByRow(entries))
	defer stop()
	e, err, more := next()
	for row, failed := range (reader{b.pool, b.schema}).rows(ctx, "SELECT "+rowColumns+" FROM documents ORDER BY collection, key", nil) {
		if failed != nil || err != nil {
			return false, errors.Join(failed, err)
		}
		fields := b.schema[row.Table]
		if len(fields) == 0 {
			continue
		}
		want := map[string]any{}
		for i, value := range store.FieldsOf(row.Body, fields) {
			if value != nil {
				want[fields[i]] = value
			}
		}
		has := map[string]any{}
		if more && e.row == (store.RowName{Table: row.Table, Key: row.Key}) {
			has = e.values
			e, err, more = next()
		}
		if !maps.Equal(want, has) {
			return true, nil
		}
	}
	return more, err // entries of rows that are none
}

// rowEntries are what the indexes have of one row.
type rowEntries struct {
	row    store.RowName
	values map[string]any // by field
}

// entriesByRow groups entries, which come in the order of their rows.
func entriesByRow(rows *sql.Rows) iter.Seq2[rowEntries, error] {
	return func(yield func(rowEntries, error) bool) {
		var e rowEntries
		for rows.Next() {
			var row store.RowName
			var field string
			var value any
			if err := rows.Scan(&row.Table, &row.Key, &field, &value); err != nil {
				yield(e, err)
				return
			}
			if row != e.row && len(e.values) > 0 && !yield(e, nil) {
				return
			}
			if row != e.row || e.values == nil {
				e = rowEntries{row, map[string]any{}}
			}
			if _, twice := e.values[field]; twice {
				value = errors.New("two values") // equal to nothing
			}
			e.values[field] = value
		}
		if err := rows.Err(); err != nil || len(e.values) > 0 {
			yield(e, err)
		}
	}
}

func prepareTriggers(ctx context.Context, tx *sql.Tx) error {
	for name, body := range triggers {
		want, has := "CREATE TRIGGER "+name+" "+body, ""
		err := tx.QueryRowContext(ctx, "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?", name).Scan(&has)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if has == want {
			continue
		}
		if _, err := tx.ExecContext(ctx, "DROP TRIGGER IF EXISTS "+name+"; "+want); err != nil {
			return err
		}
	}
	return nil
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
	after, before, down := ">", "<", ""
	if q.Reverse {
		after, before, down = "<", ">", " DESC"
	}
	if q.From != nil {
		where, args = where+" AND "+field+" "+after+"= ?", append(args, q.From)
	}
	if q.From != nil && q.After != "" {
		where, args = where+" AND ("+field+" "+after+" ? OR d.key "+after+" ?)", append(args, q.From, q.After)
	}
	if q.To != nil {
		where, args = where+" AND "+field+" "+before+" ?", append(args, q.To)
	}
	limit := -1 // SQLite's "no limit"
	if q.Limit > 0 {
		limit = q.Limit
	}
	order := field + down
	if q.Field != "" {
		order += ", e.key" + down
	}
	return "SELECT d." + strings.ReplaceAll(rowColumns, ", ", ", d.") + " FROM " + from +
		" WHERE " + where + " ORDER BY " + order + " LIMIT ?", append(args, limit)
}
