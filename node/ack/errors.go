package ack

import (
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack/ackpb"
)

// ErrProtocol: the other side sent something that this protocol does not have.
var ErrProtocol = fmt.Errorf("%w: the peer does not keep to the ack protocol", pdx.ErrRefused)

// outcomeOf says to the buyer what an error of the seller means for it.
func outcomeOf(err error) ackpb.Outcome {
	switch {
	case err == nil:
		return ackpb.Outcome_OUTCOME_TAKEN
	case errors.Is(err, pdx.ErrRefused), errors.Is(err, pdx.ErrInvalid), errors.Is(err, pdx.ErrWrongState):
		return ackpb.Outcome_OUTCOME_REFUSED
	}
	return ackpb.Outcome_OUTCOME_LATER
}

// errorOf is what an outcome means to the buyer.
func errorOf(o ackpb.Outcome) error {
	switch o {
	case ackpb.Outcome_OUTCOME_TAKEN:
		return nil
	case ackpb.Outcome_OUTCOME_LATER:
		return fmt.Errorf("%w: the seller does not take it now", pdx.ErrUnavailable)
	case ackpb.Outcome_OUTCOME_REFUSED:
		return fmt.Errorf("%w: the seller does not take it", pdx.ErrRefused)
	}
	return fmt.Errorf("%w: outcome %d", ErrProtocol, o)
}
