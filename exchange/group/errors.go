package group

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// Errors of decoders and computations. All wrap pdx.ErrRefused: the bytes come from
// another party, and the same bytes fail again.
var (
	// ErrEncoding: not the canonical encoding of an element or a scalar.
	ErrEncoding = fmt.Errorf("%w: not a canonical encoding", pdx.ErrRefused)
	// ErrIdentity: the identity element, which no statement of a proof may contain.
	ErrIdentity = fmt.Errorf("%w: identity element", pdx.ErrRefused)
)

// errNoClone does not occur with the standard library's SHA-512, which can be cloned.
var errNoClone = errors.New("sha-512 cannot be cloned")
