package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/medibloc/pdx/node/store"
)

// Inspect reads every row and returns the damaged ones. A damaged key hides its
// neighbours from SQLite's search, so rows out of order are written anew.
func (b *Backend) Inspect(ctx context.Context) ([]store.Damage, error) {
	damaged, ordered, err := b.inspectRows(ctx)
	if err == nil && !ordered {
		if err = b.reorder(ctx); err == nil {
			damaged, _, err = b.inspectRows(ctx)
		}
	}
	return damaged, meaning(err)
}

// inspectRows returns damaged rows, and reports whether all lie in the order of
// their keys.
func (b *Backend) inspectRows(ctx context.Context) (damaged []store.Damage, ordered bool, err error) {
	rows, err := b.pool.QueryContext(ctx, "SELECT "+rowColumns+" FROM documents")
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	ordered = true
	var last store.RowName
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, false, err
		}
		ordered = ordered && before(last, nameOf(r))
		last = nameOf(r)
		if fault := r.Fault(); fault != "" {
			damaged = append(damaged, r.Damage(fault))
		}
	}
	return damaged, ordered, rows.Err()
}

func nameOf(r store.Row) store.RowName { return store.RowName{Table: r.Table, Key: r.Key} }

func before(a, b store.RowName) bool {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Key, b.Key)) < 0
}

// reorder writes all rows anew. A damaged row whose key another row has goes to the
// quarantine. All rows are in memory meanwhile: it is rare, and a node's fit.
func (b *Backend) reorder(ctx context.Context) error {
	return b.inTx(ctx, func(tx *sql.Tx) error {
		all, err := queryRows(ctx, tx, "SELECT "+rowColumns+" FROM documents")
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM documents"); err != nil {
			return err
		}
		taken := map[store.RowName]bool{}
		for _, whole := range []bool{true, false} {
			for _, r := range all {
				if (r.Fault() == "") != whole {
					continue
				}
				if err := putBack(ctx, tx, r, taken[nameOf(r)]); err != nil {
					return err
				}
				taken[nameOf(r)] = true
			}
		}
		return nil
	})
}

// putBack writes a row as it was read.
func putBack(ctx context.Context, tx *sql.Tx, r store.Row, taken bool) error {
	if r.Body == nil {
		r.Body = []byte{}
	}
	if !taken {
		_, err := tx.ExecContext(ctx, putRow, values(r)...)
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO quarantine (collection, key, body, sum, deal, fault, at) "+
		"VALUES (?, ?, ?, ?, ?, ?, unixepoch())",
		r.Table, r.Key, r.Body, r.Sum, int64(r.Deal), "its key is damaged: another row has it")
	return err
}

func queryRows(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]store.Row, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []store.Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
