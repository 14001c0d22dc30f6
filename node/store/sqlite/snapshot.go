package sqlite

import (
	"context"
	"errors"
	"os"
)

// Snapshot implements store.Snapshotter.
func (b *Backend) Snapshot(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // SQLite fills an empty file
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	conn, err := connect(b.path, 1)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "VACUUM INTO ?", path)
	if err = errors.Join(err, conn.Close()); err != nil {
		return errors.Join(meaning(err), os.Remove(path))
	}
	return nil
}
