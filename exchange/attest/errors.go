package attest

import (
	"fmt"

	"github.com/medibloc/pdx"
)

// Reasons to refuse a signed statement. All wrap pdx.ErrRefused.
var (
	// ErrSignature: the statement is malformed or not signed by the account that it
	// names. The sender is at fault, and the same bytes fail again.
	ErrSignature = fmt.Errorf("%w: not signed by the account it names", pdx.ErrRefused)
	// ErrExpired: the statement is no longer valid; its signer can make a new one.
	ErrExpired = fmt.Errorf("%w: expired", pdx.ErrRefused)
)
