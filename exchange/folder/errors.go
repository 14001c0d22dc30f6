package folder

import (
	"fmt"

	"github.com/medibloc/pdx"
)

var (
	// ErrFormat: a stream does not have this format.
	ErrFormat = fmt.Errorf("%w: not a folder of files", pdx.ErrCorrupt)
	// ErrPath: a path is not clean (CheckPath), or conflicts with another path: some
	// system would take both for the same file, or one for a folder of the other.
	ErrPath = fmt.Errorf("path of a folder: %w", pdx.ErrInvalid)
	// ErrLimit: a folder has no files or exceeds a limit of the format.
	ErrLimit = fmt.Errorf("folder: %w", pdx.ErrInvalid)
)
