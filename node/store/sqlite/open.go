package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/medibloc/pdx/node/store"
)

// Backend is a store.Backend in a SQLite file. Make one with OpenBackend.
type Backend struct {
	reader
	path   string
	pool   *sql.DB // of reader: several connections that cannot write
	writer *sql.DB // one connection: SQLite has one writer, and so has this process
}

// Open opens the store in the file at path: OpenBackend and store.New.
func Open(ctx context.Context, path string, schema store.Schema) (*store.DB, error) {
	b, err := OpenBackend(ctx, path, schema)
	if err != nil {
		return nil, err
	}
	db, err := store.New(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return db, nil
}

// OpenBackend opens the file at path, making it (mode 0600) if it is missing, checks
// that it is whole, brings its layout up to date and its indexes in line with the
// schema.
func OpenBackend(ctx context.Context, path string, schema store.Schema) (*Backend, error) {
	b, err := open(ctx, path, schema)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return b, nil
}

func open(ctx context.Context, path string, schema store.Schema) (*Backend, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := ensureFile(path); err != nil {
		return nil, err
	}
	b := &Backend{path: path}
	if b.writer, err = connect(path, 1, "synchronous(FULL)", "journal_mode(WAL)", "secure_delete(1)"); err != nil {
		return nil, err
	}
	if b.pool, err = connect(path, readers, "query_only(1)"); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.reader = reader{b.pool, schema}
	if err := b.prepare(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// ensureFile makes the file private before SQLite opens it; its log files take
// the same mode.
func ensureFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w (%v)", store.ErrReadOnly, err)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func connect(path string, connections int, pragmas ...string) (*sql.DB, error) {
	query := url.Values{"_txlock": {"immediate"}}
	query.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()))
	for _, p := range pragmas {
		query.Add("_pragma", p)
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	return db, nil
}

// prepare refuses a damaged file, migrates the layout and mends cursors and indexes.
func (b *Backend) prepare(ctx context.Context) error {
	var verdict string
	if err := b.writer.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return doing("check database", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w (%s)", store.ErrDamaged, verdict)
	}
	if err := b.migrate(ctx); err != nil {
		return err
	}
	if err := b.mendCursors(ctx); err != nil {
		return doing("check cursors", err)
	}
	return doing("check indexes", b.prepareIndexes(ctx))
}

// Close closes the file; calls after it fail.
func (b *Backend) Close() error {
	var err error
	if b.pool != nil {
		err = b.pool.Close()
	}
	return errors.Join(err, b.writer.Close())
}

// inTx runs fn in a write transaction and commits if it returns nil.
func (b *Backend) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := b.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Factory opens the file at the path of a location.
func Factory(ctx context.Context, c store.Config) (store.Backend, error) {
	b, err := OpenBackend(ctx, filepath.FromSlash(c.Location.Path), c.Schema)
	if err != nil {
		return nil, err
	}
	return b, nil
}
