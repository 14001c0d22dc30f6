package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/medibloc/pdx/node/store"
)

// A migration brings the schema from version n to n+1: fill prepares the rows in
// transactions of its own, which a crash may repeat, then the statements are run.
type migration struct {
	statements string
	fill       func(*Backend, context.Context) error // nil for none
}

// migrations are in order. A released one is never edited: add the next.
var migrations = []migration{
	{statements: `CREATE TABLE documents (
		collection TEXT NOT NULL,
		key        TEXT NOT NULL,
		body       BLOB NOT NULL,
		PRIMARY KEY (collection, key)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE secrets (
		name   TEXT NOT NULL PRIMARY KEY,
		sealed BLOB NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE cursors (
		name   TEXT    NOT NULL PRIMARY KEY,
		height INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;`},
	// A row of the quarantine is a damaged row as it was, with what was known of
	// it. at is in seconds since 1970.
	{statements: `ALTER TABLE documents ADD COLUMN sum BLOB;
	ALTER TABLE documents ADD COLUMN deal INTEGER;
	ALTER TABLE cursors ADD COLUMN sum BLOB;
	CREATE TABLE quarantine (
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		collection ANY,
		key        ANY,
		body       ANY,
		sum        ANY,
		deal       INTEGER NOT NULL,
		fault      TEXT NOT NULL,
		at         INTEGER NOT NULL
	) STRICT;`},
	{fill: func(b *Backend, ctx context.Context) error {
		if err := b.adoptRows(ctx); err != nil {
			return err
		}
		return b.adoptCursors(ctx)
	}},
}

// migrate applies what is missing; the statements of each step and its version are
// one transaction.
func (b *Backend) migrate(ctx context.Context) error {
	var version int
	if err := b.writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return doing("read schema version", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("%w (schema %d, this program knows %d)", store.ErrNewer, version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		if err := b.apply(ctx, version); err != nil {
			return doing(fmt.Sprintf("migrate schema to version %d", version+1), err)
		}
	}
	return nil
}

func (b *Backend) apply(ctx context.Context, version int) error {
	step := migrations[version]
	if step.fill != nil {
		if err := step.fill(b, ctx); err != nil {
			return err
		}
	}
	return b.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, step.statements); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1))
		return err
	})
}
