package validation

import (
	"fmt"
	"time"

	"github.com/medibloc/pdx"
)

var (
	// ErrProtocol: the other side sent something that this protocol does not have.
	ErrProtocol = fmt.Errorf("%w: the peer breaks the validation protocol", pdx.ErrRefused)
	// ErrBusy: no slot is free; asking again later helps.
	ErrBusy = fmt.Errorf("%w: the validator is busy", pdx.ErrUnavailable)
	// ErrUnreachable: no stream could be opened, or it broke, or nothing came.
	ErrUnreachable = fmt.Errorf("%w: the validator cannot be reached", pdx.ErrUnavailable)
)

// BusyError is an ErrBusy as the asker sees it.
type BusyError struct {
	After time.Duration // when to ask again; 0 if the validator did not say
	Slots int           // as in pdx.Progress
	Why   string
}

// Error gives the validator's words.
func (e *BusyError) Error() string { return fmt.Sprintf("%v: %s", ErrBusy, e.Why) }

// Unwrap returns ErrBusy.
func (e *BusyError) Unwrap() error { return ErrBusy }
