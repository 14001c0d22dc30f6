package group

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// What a decoder or a computation can refuse. All wrap pdx.ErrRefused: such
// bytes come from somebody else and are wrong for good.
var (
	// ErrEncoding: not the canonical encoding of an element or a scalar.
	ErrEncoding = fmt.Errorf("%w: not a canonical encoding", pdx.ErrRefused)
	// ErrIdentity: the identity element, which no statement may hold.
	ErrIdentity = fmt.Errorf("%w: identity element", pdx.ErrRefused)
)

// errNoClone cannot happen with the standard library's SHA-512.
var errNoClone = errors.New("sha-512 cannot be cloned")
