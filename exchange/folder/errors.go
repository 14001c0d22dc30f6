package folder

import (
	"fmt"

	"github.com/medibloc/pdx"
)

var (
	// ErrFormat: a stream is not that of a folder.
	ErrFormat = fmt.Errorf("%w: not a folder of files", pdx.ErrCorrupt)
	// ErrPath: a path cannot be in a folder, by itself or beside the others.
	ErrPath = fmt.Errorf("path of a folder: %w", pdx.ErrInvalid)
	// ErrLimit: a folder is beyond a limit of the format.
	ErrLimit = fmt.Errorf("folder: %w", pdx.ErrInvalid)
)
