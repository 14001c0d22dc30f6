package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations bring the schema from version n to n+1, in order. A released one is
// never edited: add the next.
var migrations = []string{
	`CREATE TABLE documents (
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
	) STRICT, WITHOUT ROWID;`,
}

// migrate applies what is missing; each step and its version in one transaction.
func (db *DB) migrate(ctx context.Context) error {
	var version int
	if err := db.writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return explain("read schema version", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("%w (schema %d, this program knows %d)", ErrNewer, version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		err := db.inTx(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, migrations[version]); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1))
			return err
		})
		if err != nil {
			return explain(fmt.Sprintf("migrate schema to version %d", version+1), err)
		}
	}
	return nil
}
