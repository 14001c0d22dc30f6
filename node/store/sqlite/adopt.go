package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/medibloc/pdx/node/store"
)

// adoptRows gives rows from before checksums their own, adoptStep rows in each
// transaction, so that a crash loses little and no writer waits long. A row that
// is no JSON gets none and counts as damaged from now on.
func (b *Backend) adoptRows(ctx context.Context) error {
	var last store.RowName
	for {
		n, err := b.adoptSome(ctx, &last)
		if err != nil || n < adoptStep {
			return err
		}
	}
}

// adoptSome adopts the next rows after last, and returns how many it read.
func (b *Backend) adoptSome(ctx context.Context, last *store.RowName) (n int, err error) {
	err = b.inTx(ctx, func(tx *sql.Tx) error {
		some, err := queryRows(ctx, tx, "SELECT "+rowColumns+" FROM documents WHERE (collection, key) > (?, ?) ORDER BY collection, key LIMIT ?",
			last.Table, last.Key, adoptStep)
		if err != nil {
			return err
		}
		n = len(some)
		for _, r := range some {
			*last = nameOf(r)
			if r.Sum != nil || !json.Valid(r.Body) {
				continue
			}
			r = store.NewRow(r.Table, r.Key, r.Body)
			if _, err := tx.ExecContext(ctx, putRow, values(r)...); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// adoptCursors does the same for cursors, of which there are few.
func (b *Backend) adoptCursors(ctx context.Context) error {
	return b.inTx(ctx, func(tx *sql.Tx) error {
		heights, err := cursorHeights(ctx, tx)
		if err != nil {
			return err
		}
		for name, height := range heights {
			if _, err := tx.ExecContext(ctx, "UPDATE cursors SET sum = ? WHERE name = ?", cursorSum(name, height), name); err != nil {
				return err
			}
		}
		return nil
	})
}

func cursorHeights(ctx context.Context, tx *sql.Tx) (map[string]int64, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, height FROM cursors")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	heights := map[string]int64{}
	for rows.Next() {
		var name string
		var height int64
		if err := rows.Scan(&name, &height); err != nil {
			return nil, err
		}
		heights[name] = height
	}
	return heights, rows.Err()
}
