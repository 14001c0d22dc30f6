package seller

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

var (
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

// hopeless reports whether trying the same again would fail the same.
func hopeless(err error) bool {
	for _, kind := range []error{pdx.ErrInvalid, pdx.ErrRefused, pdx.ErrWrongState, pdx.ErrCorrupt} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
