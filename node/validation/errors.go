package validation

import (
	"fmt"

	"github.com/medibloc/pdx"
)

var (
	// ErrProtocol: the other side sent something that this protocol does not have.
	ErrProtocol = fmt.Errorf("%w: the peer does not keep to the validation protocol", pdx.ErrRefused)
	// ErrBusy is a Handler's or the server's answer when there is no place;
	// asking again later helps.
	ErrBusy = fmt.Errorf("%w: the validator is busy", pdx.ErrUnavailable)
)
