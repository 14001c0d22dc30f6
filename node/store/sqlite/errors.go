package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// meaning gives SQLite's codes the meaning that callers know.
func meaning(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return pdx.ErrNotFound
	}
	if sentinel := meaningOf(err); sentinel != nil {
		return fmt.Errorf("%w (%v)", sentinel, err)
	}
	return err
}

// doing puts what was being done before an error.
func doing(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, meaning(err))
}

// meaningOf returns the sentinel for a SQLite error, nil where there is none.
func meaningOf(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return nil
	}
	switch failure.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_FULL:
		return store.ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return store.ErrReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return store.ErrDamaged
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR:
		return pdx.ErrUnavailable
	}
	return nil
}
