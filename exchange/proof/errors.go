package proof

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// ErrProof: a proof, or the statement it is about, does not hold. The maker is
// to blame; the same bytes fail again. It wraps pdx.ErrRefused.
var ErrProof = fmt.Errorf("%w: proof does not hold", pdx.ErrRefused)

// refuse puts ErrProof on top of what a decoder or a computation said.
func refuse(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrProof, what, err)
}
