package attest

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// Why something signed does not count. All wrap pdx.ErrRefused.
var (
	// ErrSignature: malformed, or not signed by the account it names; the sender
	// is to blame and the same bytes fail again.
	ErrSignature = fmt.Errorf("%w: not signed by the account it names", pdx.ErrRefused)
	// ErrExpired: it counted once; ask for a new one.
	ErrExpired = fmt.Errorf("%w: expired", pdx.ErrRefused)
)
