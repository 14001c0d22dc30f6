package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// DB is an open store. Make one with Open.
type DB struct {
	path   string
	writer *sql.DB // one connection: SQLite has one writer, and so has this process
	reader *sql.DB // several connections that cannot write

	damages damages
}

// Open opens the store in the file at path, making it (mode 0600) if it is not
// there, checks that it is whole and brings its schema up to date. A damaged row
// does not keep it from opening: see Damaged. Only one process may have it open; the node's lock on its home sees to that.
func Open(ctx context.Context, path string) (*DB, error) {
	db, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	return db, nil
}

func open(ctx context.Context, path string) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := ensureFile(path); err != nil {
		return nil, err
	}
	db := &DB{path: path}
	if db.writer, err = connect(path, 1, "synchronous(FULL)", "journal_mode(WAL)", "secure_delete(1)"); err != nil {
		return nil, err
	}
	if db.reader, err = connect(path, readers, "query_only(1)"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// ensureFile makes the file private before SQLite opens it; its log files take
// the same mode.
func ensureFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w (%v)", ErrReadOnly, err)
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

// prepare refuses a damaged file and migrates the schema.
func (db *DB) prepare(ctx context.Context) error {
	var verdict string
	if err := db.writer.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return explain("check database", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w (%s)", ErrDamaged, verdict)
	}
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.mendCursors(ctx); err != nil {
		return explain("check cursors", err)
	}
	return explain("check rows", db.inspect(ctx))
}

// Close closes the store; calls after it fail.
func (db *DB) Close() error {
	var err error
	if db.reader != nil {
		err = db.reader.Close()
	}
	return errors.Join(err, db.writer.Close())
}

// inTx runs fn in a write transaction and commits if it returns nil.
func (db *DB) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
