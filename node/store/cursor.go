package store

import (
	"context"
	"database/sql"
	"errors"
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
	err := c.db.reader.QueryRowContext(ctx, "SELECT height FROM cursors WHERE name = ?", c.name).Scan(&height)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return height, explain("read cursor "+c.name, err)
}

// Advance moves the cursor to height; a lower one leaves it where it is.
func (c *Cursor) Advance(ctx context.Context, height int64) error {
	_, err := c.db.writer.ExecContext(ctx,
		"INSERT INTO cursors (name, height) VALUES (?, ?) ON CONFLICT DO UPDATE SET height = max(height, excluded.height)",
		c.name, height)
	return explain("advance cursor "+c.name, err)
}
