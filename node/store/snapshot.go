package store

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Snapshot writes a consistent copy of the store, with all that was committed, to a
// new file at path (mode 0600), which Open opens. Readers and writers go on
// meanwhile. The copy is not synced: whoever keeps it does that.
func (db *DB) Snapshot(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // SQLite fills an empty file
	if err != nil {
		return fmt.Errorf("snapshot of the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("snapshot of the database: %w", err)
	}
	conn, err := connect(db.path, 1)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", path)
	if err = errors.Join(err, conn.Close()); err != nil {
		return errors.Join(explain("snapshot of the database", err), os.Remove(path))
	}
	return nil
}
