package store

import (
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/medibloc/pdx"
)

// What can be wrong with the file itself; a person must act.
var (
	// ErrFull: the disk is full; nothing was written. Works again once there is space.
	ErrFull = fmt.Errorf("%w: the disk is full: free some space and try again", pdx.ErrUnavailable)
	// ErrReadOnly: the file or its folder may not be written.
	ErrReadOnly = fmt.Errorf("%w: the database cannot be written: check the owner and mode of the file and its folder, and that the disk is not mounted read-only", pdx.ErrUnavailable)
	// ErrDamaged: the file is not a database, or no longer a whole one.
	ErrDamaged = fmt.Errorf("%w: the database is damaged: stop the node and restore the file from a backup", pdx.ErrCorrupt)
	// ErrNewer: a newer program wrote the file; it was left as it is.
	ErrNewer = fmt.Errorf("%w: the database was written by a newer version of this program: install that version", pdx.ErrRefused)
)

// explain puts what was being done before an error and gives SQLite's codes
// their meaning.
func explain(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", doing, pdx.ErrNotFound)
	}
	if meaning := meaningOf(err); meaning != nil {
		return fmt.Errorf("%s: %w (%v)", doing, meaning, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// meaningOf is the sentinel for a SQLite error, nil where there is none.
func meaningOf(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return nil
	}
	switch failure.Code() & 0xff { // the low byte is the primary code
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return ErrReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR:
		return pdx.ErrUnavailable
	}
	return nil
}
