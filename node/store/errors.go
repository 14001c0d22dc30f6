package store

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// Errors of the store as a whole, which a person must cure.
var (
	// ErrFull: the disk is full and nothing was written. The store works again once there
	// is space.
	ErrFull = fmt.Errorf("%w: the disk is full: free some space and try again", pdx.ErrUnavailable)
	// ErrReadOnly: the file or its folder cannot be written.
	ErrReadOnly = fmt.Errorf("%w: the database cannot be written: check the owner and mode of the file and its folder, "+
		"and that the disk is not mounted read-only", pdx.ErrUnavailable)
	// ErrDamaged: the file is not a database, or is an incomplete one.
	ErrDamaged = fmt.Errorf("%w: the database is damaged: stop the node and restore the file from a backup", pdx.ErrCorrupt)
	// ErrNewer: a newer program wrote the file. It was not changed.
	ErrNewer = fmt.Errorf("%w: the database was written by a newer version of this program: install that version", pdx.ErrRefused)
	// ErrConflict: the row is no longer at the version that the caller read. Read it again
	// and repeat.
	ErrConflict = fmt.Errorf("%w: the row was changed by another writer", pdx.ErrWrongState)
)
