package store

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// What can be wrong with the store itself; a person must act.
var (
	// ErrFull: the disk is full; nothing was written. Works again once there is space.
	ErrFull = fmt.Errorf("%w: the disk is full: free some space and try again", pdx.ErrUnavailable)
	// ErrReadOnly: the file or its folder may not be written.
	ErrReadOnly = fmt.Errorf("%w: the database cannot be written: check the owner and mode of the file and its folder, "+
		"and that the disk is not mounted read-only", pdx.ErrUnavailable)
	// ErrDamaged: the file is not a database, or no longer a whole one.
	ErrDamaged = fmt.Errorf("%w: the database is damaged: stop the node and restore the file from a backup", pdx.ErrCorrupt)
	// ErrNewer: a newer program wrote the file; it was left as it is.
	ErrNewer = fmt.Errorf("%w: the database was written by a newer version of this program: install that version", pdx.ErrRefused)
	// ErrConflict: the row is not the version that the caller read: read it again.
	ErrConflict = fmt.Errorf("%w: the row was changed by another writer", pdx.ErrWrongState)
)
