package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/medibloc/pdx/node/store"
)

// Height returns the height of a cursor. A damaged one reads as 0: the next Open
// moves it aside.
func (b *Backend) Height(ctx context.Context, cursor string) (int64, error) {
	var height int64
	var sum []byte
	err := b.pool.QueryRowContext(ctx, "SELECT height, sum FROM cursors WHERE name = ?", cursor).Scan(&height, &sum)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !bytes.Equal(sum, cursorSum(cursor, height)) {
		return 0, nil
	}
	return height, meaning(err)
}

// Advance sets a cursor unless it is as high already.
func (b *Backend) Advance(ctx context.Context, cursor string, height int64) error {
	_, err := b.writer.ExecContext(ctx, "INSERT INTO cursors (name, height, sum) VALUES (?, ?, ?)"+
		" ON CONFLICT DO UPDATE SET height = excluded.height, sum = excluded.sum WHERE excluded.height > height",
		cursor, height, cursorSum(cursor, height))
	return meaning(err)
}

func cursorSum(name string, height int64) []byte {
	return store.Checksum("cursors", name, strconv.AppendInt(nil, height, 10))
}

// mendCursors moves damaged cursors to the quarantine. Each starts afresh from
// where its owner begins without one, so nothing is missed.
func (b *Backend) mendCursors(ctx context.Context) error {
	return b.inTx(ctx, func(tx *sql.Tx) error {
		damaged, err := damagedCursors(ctx, tx)
		if err != nil {
			return err
		}
		for _, name := range damaged {
			if _, err := tx.ExecContext(ctx, `INSERT INTO quarantine (collection, key, body, sum, deal, fault, at)
				SELECT 'cursors', name, height, sum, 0, 'its checksum does not match', ? FROM cursors WHERE name = ?`,
				time.Now().Unix(), name); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM cursors WHERE name = ?", name); err != nil {
				return err
			}
		}
		return nil
	})
}

func damagedCursors(ctx context.Context, tx *sql.Tx) ([]any, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, height, sum FROM cursors")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var damaged []any
	for rows.Next() {
		var name, height, sum any
		if err := rows.Scan(&name, &height, &sum); err != nil {
			return nil, err
		}
		if at, ok := height.(int64); !ok || !bytes.Equal(bytesOf(sum), cursorSum(string(bytesOf(name)), at)) {
			damaged = append(damaged, name)
		}
	}
	return damaged, rows.Err()
}
