package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

const (
	rowColumns = "collection, key, body, sum, deal"
	putRow     = "INSERT INTO documents (" + rowColumns + ") VALUES (?, ?, ?, ?, ?)" +
		" ON CONFLICT DO UPDATE SET body = excluded.body, sum = excluded.sum, deal = excluded.deal"
)

// queries is what *sql.DB and *sql.Tx have in common.
type queries interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reader is a store.Reader.
type reader struct {
	queries queries
	schema  store.Schema
}

// Get returns a row.
func (r reader) Get(ctx context.Context, table, key string) (store.Row, error) {
	row, err := scanRow(r.queries.QueryRowContext(ctx, "SELECT "+rowColumns+" FROM documents WHERE collection = ? AND key = ?", table, key))
	return row, meaning(err)
}

// Count returns how many rows a table has.
func (r reader) Count(ctx context.Context, table string) (n int, err error) {
	err = r.queries.QueryRowContext(ctx, "SELECT count(*) FROM documents WHERE collection = ?", table).Scan(&n)
	return n, meaning(err)
}

func (r reader) rows(ctx context.Context, query string, args []any) iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		rows, err := r.queries.QueryContext(ctx, query, args...)
		if err != nil {
			yield(store.Row{}, meaning(err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := scanRow(rows)
			if !yield(row, meaning(err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(store.Row{}, meaning(err))
		}
	}
}

// writer is a store.Writer.
type writer struct {
	reader
	tx *sql.Tx
}

// Write runs fn in a transaction; SQLite has one writer, so there are no conflicts.
func (b *Backend) Write(ctx context.Context, fn func(store.Writer) error) error {
	return meaning(b.inTx(ctx, func(tx *sql.Tx) error { return fn(writer{b.within(tx), tx}) }))
}

// Put writes a row.
func (w writer) Put(ctx context.Context, r store.Row) error {
	_, err := w.tx.ExecContext(ctx, putRow, values(r)...)
	return err
}

// Delete deletes a row.
func (w writer) Delete(ctx context.Context, table, key string) error {
	_, err := w.tx.ExecContext(ctx, "DELETE FROM documents WHERE collection = ? AND key = ?", table, key)
	return err
}

// SetAside moves a row to the quarantine.
func (w writer) SetAside(ctx context.Context, d store.Damage) error {
	_, err := w.tx.ExecContext(ctx, `INSERT INTO quarantine (collection, key, body, sum, deal, fault, at)
		SELECT collection, key, body, sum, ?, ?, ? FROM documents WHERE collection = ? AND key = ?`,
		int64(d.Deal), d.Fault, time.Now().Unix(), d.Table, d.Key)
	if err != nil {
		return err
	}
	return w.Delete(ctx, d.Table, d.Key)
}

// values returns a row's values in the order of rowColumns.
func values(r store.Row) []any { return []any{r.Table, r.Key, r.Body, r.Sum, int64(r.Deal)} }

// scanRow reads rowColumns whatever types damage has given to the values.
func scanRow(from interface{ Scan(...any) error }) (store.Row, error) {
	var table, key, body, sum, deal any
	if err := from.Scan(&table, &key, &body, &sum, &deal); err != nil {
		return store.Row{}, err
	}
	r := store.Row{Table: string(bytesOf(table)), Key: string(bytesOf(key)), Body: bytesOf(body), Sum: bytesOf(sum)}
	if n, ok := deal.(int64); ok && n > 0 {
		r.Deal = pdx.DealID(n)
	}
	return r, nil
}

func bytesOf(value any) []byte {
	switch v := value.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

// Aside returns the newest rows of the quarantine.
func (b *Backend) Aside(ctx context.Context) (newest []store.Damage, total int, err error) {
	if err := b.pool.QueryRowContext(ctx, "SELECT count(*) FROM quarantine").Scan(&total); err != nil || total == 0 {
		return nil, 0, meaning(err)
	}
	rows, err := b.pool.QueryContext(ctx, "SELECT collection, key, deal, fault FROM quarantine ORDER BY id DESC LIMIT ?", store.MaxAside)
	if err != nil {
		return nil, 0, meaning(err)
	}
	defer rows.Close()
	for rows.Next() {
		var d store.Damage
		var deal int64
		if err := rows.Scan(&d.Table, &d.Key, &deal, &d.Fault); err != nil {
			return nil, 0, meaning(err)
		}
		d.Deal = pdx.DealID(deal)
		newest = append(newest, d)
	}
	return newest, total, meaning(rows.Err())
}

// AsideOf returns how many rows of a table are in the quarantine.
func (b *Backend) AsideOf(ctx context.Context, table string) (n int, err error) {
	err = b.pool.QueryRowContext(ctx, "SELECT count(*) FROM quarantine WHERE collection = ?", table).Scan(&n)
	return n, meaning(err)
}
