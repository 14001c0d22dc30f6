package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"
)

// Cursor is how far something has been followed, for example the last block of
// the chain that was handled. It only moves forward.
type Cursor struct {
	db   *DB
	name string
}

// NewCursor is the cursor of that name.
func NewCursor(db *DB, name string) *Cursor { return &Cursor{db: db, name: name} }

// Height is where the cursor stands, 0 at first.
func (c *Cursor) Height(ctx context.Context) (int64, error) {
	var height int64
	var sum []byte
	err := c.db.reader.QueryRowContext(ctx, "SELECT height, sum FROM cursors WHERE name = ?", c.name).Scan(&height, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil && !bytes.Equal(sum, cursorSum(c.name, height)) {
		return 0, nil // damaged, which the next Open puts right
	}
	return height, explain("read cursor "+c.name, err)
}

// Advance moves the cursor to height; a lower one leaves it where it is.
func (c *Cursor) Advance(ctx context.Context, height int64) error {
	_, err := c.db.writer.ExecContext(ctx,
		"INSERT INTO cursors (name, height, sum) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET height = excluded.height, sum = excluded.sum WHERE excluded.height > height",
		c.name, height, cursorSum(c.name, height))
	return explain("advance cursor "+c.name, err)
}

func cursorSum(name string, height int64) []byte {
	return checksum("cursors", name, strconv.AppendInt(nil, height, 10))
}

// mendCursors moves damaged cursors to the quarantine. Each starts afresh from
// where its owner begins without one, so nothing is missed.
func (db *DB) mendCursors(ctx context.Context) error {
	return db.inTx(ctx, func(tx *sql.Tx) error {
		damaged, err := damagedCursors(ctx, tx)
		if err != nil {
			return err
		}
		for _, name := range damaged {
			if _, err := tx.ExecContext(ctx, `INSERT INTO quarantine (collection, key, body, sum, deal, fault, at)
				SELECT 'cursors', name, height, sum, 0, 'its checksum does not match', ? FROM cursors WHERE name = ?`, time.Now().Unix(), name); err != nil {
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
