package netdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/medibloc/pdx/internal/durable"
)

// A DB is an open network database. It is safe for concurrent use, except for Close.
type DB struct {
	log    *slog.Logger
	now    func() time.Time
	caps   caps
	writer *sql.DB   // one connection
	reader *sql.DB   // several that cannot write; of a database in memory, the writer
	total  int       // weight of all groups; only write and Open use it
	logged time.Time // when a failed write was last logged; only write uses it

	queue  chan Provider
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// caps are the limits of limits.go, smaller in tests.
type caps struct{ peer, group, all, key, contacts, groupContacts int }

var defaultCaps = caps{maxPeerRecords, maxGroupWeight, maxWeight, maxKeyPeers, maxContacts, maxGroupContacts}

// errUnusable marks a file that is damaged or of another version.
var errUnusable = errors.New("not a usable database")

// Open opens the database file at path, and creates it with mode 0600 if it does not
// exist. A file that cannot be used is renamed to path + ".damaged" with a warning in
// the log, and a new one is created. Only one process may have the file open.
func Open(ctx context.Context, path string, log *slog.Logger) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := open(ctx, path, log)
	if errors.Is(err, errUnusable) {
		log.WarnContext(ctx, "network database set aside; a new one is made", slog.String("path", path+damagedSuffix), slog.Any("error", err))
		if err := setAside(path); err != nil {
			return nil, fmt.Errorf("set aside %s: %w", path, err)
		}
		db, err = open(ctx, path, log)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// OpenMemory opens an empty database in memory.
func OpenMemory(ctx context.Context, log *slog.Logger) (*DB, error) {
	writer, err := connect("file::memory:", 1, url.Values{})
	if err != nil {
		return nil, err
	}
	return begin(ctx, writer, writer, log)
}

const damagedSuffix = ".damaged"

// setAside replaces an earlier damaged file, so that there is one at most.
func setAside(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return durable.Rename(path, path+damagedSuffix)
}

func open(ctx context.Context, path string, log *slog.Logger) (*DB, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // SQLite's own files take its mode
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	name := (&url.URL{Scheme: "file", Path: path}).String()
	// NORMAL never damages the file: it syncs at checkpoints only.
	writer, err := connect(name, 1, url.Values{"_pragma": {
		"journal_mode(WAL)", "synchronous(NORMAL)", fmt.Sprintf("journal_size_limit(%d)", walLimit),
	}})
	if err != nil {
		return nil, err
	}
	reader, err := connect(name, readers, url.Values{"_pragma": {"query_only(1)"}})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	return begin(ctx, writer, reader, log)
}

func connect(name string, connections int, query url.Values) (*sql.DB, error) {
	query.Set("_txlock", "immediate")
	query.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()))
	db, err := sql.Open("sqlite", name+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// begin checks the database and starts its writing goroutine, which Close ends.
func begin(ctx context.Context, writer, reader *sql.DB, log *slog.Logger) (*DB, error) {
	db := &DB{log: log, now: time.Now, caps: defaultCaps, writer: writer, reader: reader, queue: make(chan Provider, queueLen)}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.closeFiles())
	}
	ctx, db.cancel = context.WithCancel(context.Background())
	db.wg.Go(func() { db.write(ctx) })
	return db, nil
}

// prepare makes the schema, or checks the file.
func (db *DB) prepare(ctx context.Context) error {
	var version int
	if err := db.writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return unusable(err)
	}
	switch version {
	case 0:
		return unusable(db.inTx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA user_version = %d", schemaVersion))
			return err
		}))
	case schemaVersion:
	default:
		return fmt.Errorf("%w: version %d", errUnusable, version)
	}
	var verdict string
	if err := db.writer.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return unusable(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errUnusable, verdict)
	}
	return unusable(db.writer.QueryRowContext(ctx, "SELECT coalesce(sum(weight), 0) FROM groups").Scan(&db.total))
}

// unusable marks SQLite's errors that say that the file itself is wrong.
func unusable(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR:
		return fmt.Errorf("%w: %w", errUnusable, err)
	}
	return err
}

// Close writes the queued records and closes the file. No other method may run at the
// same time or afterwards.
func (db *DB) Close() error {
	db.cancel()
	db.wg.Wait()
	return db.closeFiles()
}

func (db *DB) closeFiles() error {
	err := db.writer.Close()
	if db.reader != db.writer {
		err = errors.Join(err, db.reader.Close())
	}
	return err
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
