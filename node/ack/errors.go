package ack

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
	"github.com/medibloc/pdx/p2p/stream"
)

// ErrProtocol: the other side sent something that this protocol does not have.
var ErrProtocol = fmt.Errorf("%w: the peer breaks the ack protocol", pdx.ErrRefused)

// kinds: a seller that does not speak the protocol takes no ack off chain. Everything
// else but a broken protocol may be tried again.
var kinds = stream.Kinds{Frame: ErrProtocol, Unsupported: pdx.ErrRefused, Busy: pdx.ErrUnavailable, Lost: pdx.ErrUnavailable}

// outcomeOf returns the answer that an error of the seller is for the buyer.
func outcomeOf(err error) ackpb.Outcome {
	switch {
	case err == nil:
		return ackpb.Outcome_OUTCOME_TAKEN
	case errors.Is(err, pdx.ErrRefused), errors.Is(err, pdx.ErrInvalid), errors.Is(err, pdx.ErrWrongState):
		return ackpb.Outcome_OUTCOME_REFUSED
	}
	return ackpb.Outcome_OUTCOME_LATER
}

// errorOf returns what an answer means to the buyer.
func errorOf(o ackpb.Outcome) error {
	switch o {
	case ackpb.Outcome_OUTCOME_TAKEN:
		return nil
	case ackpb.Outcome_OUTCOME_LATER:
		return fmt.Errorf("%w: the seller cannot take the ack now", pdx.ErrUnavailable)
	case ackpb.Outcome_OUTCOME_REFUSED:
		return fmt.Errorf("%w: the seller refuses the ack", pdx.ErrRefused)
	}
	return fmt.Errorf("%w: outcome %d", ErrProtocol, o)
}
