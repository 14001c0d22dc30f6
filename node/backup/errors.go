package backup

import (
	"fmt"

	"github.com/medibloc/pdx"
)

var (
	// ErrForeign: the file is no backup of a home.
	ErrForeign = fmt.Errorf("%w: not a backup that 'pdx backup' made", pdx.ErrInvalid)
	// ErrDamaged: the file was a backup, and is cut off or changed.
	ErrDamaged = fmt.Errorf("%w: the backup is cut off or damaged: use another copy of it", pdx.ErrCorrupt)
	// ErrNewer: a newer program made the backup.
	ErrNewer = fmt.Errorf("%w: the backup was made by a newer version of pdx: restore it with that version", pdx.ErrRefused)
	// ErrPassphrase: the passphrase does not open the backup.
	ErrPassphrase = fmt.Errorf("%w: wrong passphrase for this backup: "+
		"it is the one that the home had when the backup was made, or the one given to 'pdx backup'", pdx.ErrRefused)
)
