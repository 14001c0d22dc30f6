package store

import (
	"cmp"
	"context"
	"database/sql"
)

// inspect looks at every row, so that damage is known before anybody needs the row.
func (db *DB) inspect(ctx context.Context) error {
	ordered, err := db.inspectRows(ctx)
	if err != nil || ordered {
		return err
	}
	// A damaged key hides its neighbours from SQLite's search.
	return db.reorder(ctx)
}

// inspectRows notes damaged rows, and reports whether all lie in the order of
// their keys.
func (db *DB) inspectRows(ctx context.Context) (ordered bool, err error) {
	rows, err := db.reader.QueryContext(ctx, "SELECT "+rowColumns+" FROM documents")
	if err != nil {
		return false, err
	}
	defer rows.Close()
	ordered = true
	var last rowName
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return false, err
		}
		ordered = ordered && last.before(r.name())
		last = r.name()
		if fault := r.fault(); fault != "" {
			_ = db.damages.found(&damageError{r.damage(fault)}) // noted, not reported: the others are good
		}
	}
	return ordered, rows.Err()
}

func (r row) name() rowName { return rowName{r.table, r.key} }

func (n rowName) before(o rowName) bool {
	return cmp.Or(cmp.Compare(n.table, o.table), cmp.Compare(n.key, o.key)) < 0
}

// reorder writes all rows anew. A damaged row whose key another row has goes to the
// quarantine. All rows are in memory meanwhile: it is rare, and a node's fit.
func (db *DB) reorder(ctx context.Context) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		all, err := queryRows(ctx, tx, "SELECT "+rowColumns+" FROM documents")
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM documents"); err != nil {
			return err
		}
		taken := map[rowName]bool{}
		for _, whole := range []bool{true, false} {
			for _, r := range all {
				if (r.fault() == "") != whole {
					continue
				}
				if err := putBack(ctx, tx, r, taken[r.name()]); err != nil {
					return err
				}
				if taken[r.name()] {
					db.damages.gone(r.name())
				}
				taken[r.name()] = true
			}
		}
		return nil
	})
}

// putBack writes a row as it was read.
func putBack(ctx context.Context, tx *sql.Tx, r row, taken bool) error {
	if r.body == nil {
		r.body = []byte{}
	}
	if !taken {
		_, err := tx.ExecContext(ctx, putRow, r.values()...)
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO quarantine (collection, key, body, sum, deal, fault, at) VALUES (?, ?, ?, ?, ?, ?, unixepoch())",
		r.table, r.key, r.body, r.sum, int64(r.deal), "its key is damaged: another row has it")
	return err
}

func queryRows(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]row, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
