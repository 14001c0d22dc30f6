package store

import "context"

// A Cursor stores how far something has been followed, for example the height of the last
// block that was handled. It only moves forward.
type Cursor struct {
	db   *DB
	name string
}

// NewCursor returns the cursor of that name.
func NewCursor(db *DB, name string) *Cursor { return &Cursor{db: db, name: name} }

// Height returns where the cursor stands, 0 at first and after damage.
func (c *Cursor) Height(ctx context.Context) (int64, error) {
	height, err := c.db.backend.Height(ctx, c.name)
	return height, explain("read cursor "+c.name, err)
}

// Advance moves the cursor to height; a lower one leaves it where it is.
func (c *Cursor) Advance(ctx context.Context, height int64) error {
	return explain("advance cursor "+c.name, c.db.backend.Advance(ctx, c.name, height))
}
