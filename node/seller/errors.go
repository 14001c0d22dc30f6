package seller

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
	// ErrOtherTerms: the ledger shows a deal on other terms than were offered.
	// The key is kept back; a node that lies about the ledger may be the cause.
	ErrOtherTerms = fmt.Errorf("%w: the deal is not on the terms that were offered", pdx.ErrRefused)
	// ErrCannotProve: no deal can be proven now, so no key would be delivered, and
	// the deposit of an offer would be lost. Nothing is sealed or offered.
	ErrCannotProve = errors.New("this node cannot prove deals, so it would deliver no key and lose the deposit")
	// ErrNotAcked: the deal was shown as acknowledged, and is proven not to be.
	ErrNotAcked = fmt.Errorf("%w: the deal is not acknowledged: an endpoint of the chain showed it so", pdx.ErrWrongState)
	// ErrTooLate: less than a quarter of the time for the key is left.
	ErrTooLate = fmt.Errorf("%w: less than a quarter of the time for the key is left", pdx.ErrRefused)
	// ErrSeed: the dataset was sealed under another seed than is stored. Its key
	// cannot be made, so nothing is opened to validators or delivered.
	ErrSeed = fmt.Errorf("%w: the key of this dataset is not in this home, which has another seed: restore the backup of the home"+
		" that sealed it with 'pdx restore'; without it the key cannot be delivered and the deposit is lost with an acknowledged deal",
		pdx.ErrCorrupt)
)

// stale is the ErrChanged of registered data: what was added is not at its path any more.
func stale(d model.Data) error {
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

// hopeless reports whether trying the same again would fail the same.
func hopeless(err error) bool {
	for _, kind := range []error{pdx.ErrInvalid, pdx.ErrRefused, pdx.ErrWrongState, pdx.ErrCorrupt} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
