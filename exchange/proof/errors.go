package proof

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// ErrProof: a proof or its statement is false or malformed. Whoever made it is at
// fault, and the same bytes fail again. Provers return it too, for arguments of which
// no true statement can be made. It wraps pdx.ErrRefused.
var ErrProof = fmt.Errorf("%w: proof does not hold", pdx.ErrRefused)

// refuse wraps an error of a decoder or a computation in ErrProof.
func refuse(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrProof, what, err)
}
