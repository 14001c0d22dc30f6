package transfer

import (
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/transfer/transferpb"
)

var (
	// errNoRelay: the stream came over a limited connection.
	errNoRelay = errors.New("relayed streams are not served")
	// errNoRoom: the host's resource manager does not let the stream be.
	errNoRoom = errors.New("no room")
)

// admit lets the stream in, or tells the puller to come back: then it is false.
func (v *serving) admit(now time.Time) (bool, error) {
	if err := v.stream.Scope().SetService(service); err != nil {
		return false, fmt.Errorf("%w: %w", errNoRoom, err)
	}
	if v.stream.Conn().Stat().Limited && !v.relayed {
		return false, errNoRelay
	}
	v.reads = v.rates.allow(addressOf(v.stream.Conn()), now) && v.readers.take(v.puller)
	if v.reads && v.stream.Scope().ReserveMemory(readMemory, network.ReservationPriorityMedium) == nil {
		return true, nil
	}
	_, err := v.answer(transferpb.Code_CODE_BUSY)
	return false, err
}

// promote moves the stream from the readers to the bodies, if there is a place.
func (v *serving) promote() bool {
	if !v.bodies.take(v.puller) {
		return false
	}
	if v.stream.Scope().ReserveMemory(bodyMemory, network.ReservationPriorityMedium) != nil {
		v.bodies.give(v.puller)
		return false
	}
	v.leave()
	return true
}

// leave gives up the place among the readers. The stream's memory is released
// with its scope, when it is closed or reset.
func (v *serving) leave() {
	if v.reads {
		v.readers.give(v.puller)
		v.reads = false
	}
}
