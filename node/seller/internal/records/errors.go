package records

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

var (
	// ErrChanged: a registered file is not what was added; its owner adds it
	// again, having looked at what it is now.
	ErrChanged = fmt.Errorf("%w: the file changed since it was added: look at it and add it again with `pdx data add`", pdx.ErrRefused)
	// ErrSource: the file that a sale is sealed from is gone, or not what was
	// sealed. Nothing of it is served until it is back.
	ErrSource = fmt.Errorf("%w: the file that this sale is served from changed or is gone:"+
		" put it back as it was and it goes on", pdx.ErrCorrupt)
)

// Stale returns the ErrChanged of registered data: what was added is not at its path any more.
func Stale(d model.Data) error {
	if _, err := os.Stat(d.Path); errors.Is(err, fs.ErrNotExist) {
		return &goneError{d}
	}
	return fmt.Errorf("%s: %w", d.Path, ErrChanged)
}

// goneError is the ErrChanged of data whose file or folder does not exist.
type goneError struct{ data model.Data }

// Error says what to do.
func (e *goneError) Error() string {
	return fmt.Sprintf("%s does not exist any more: put it back as it was, or unregister it with `pdx data rm %q`", e.data.Path, e.data.Name)
}

// Unwrap is ErrChanged.
func (e *goneError) Unwrap() error { return ErrChanged }
