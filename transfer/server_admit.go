package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/internal/addrgroup"
)

var (
	// errNoRelay: the stream came over a limited connection.
	errNoRelay = errors.New("relayed streams are not served")
	// errNoRoom: the host's resource manager does not let the stream be.
	errNoRoom = errors.New("no room")
)

// admit lets the stream in.
func (v *serving) admit() error {
	if err := v.stream.Scope().SetService(service); err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	if v.stream.Conn().Stat().Limited && !v.relayed {
		return errNoRelay
	}
	if err := v.stream.Scope().ReserveMemory(readMemory, network.ReservationPriorityMedium); err != nil {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	v.address = addrgroup.Of(v.stream.Conn().RemoteMultiaddr())
	return nil
}

// turn waits for a place among those that are sent to; nil when the puller must
// come back later.
func (v *serving) turn(ctx context.Context) *turn {
	v.metrics.waiting.Inc()
	defer v.metrics.waiting.Dec()
	t := v.queue.take(ctx, v.puller, v.address, func() { _ = v.stream.SetWriteDeadline(past) })
	if t == nil || v.hasBody {
		return t
	}
	if v.stream.Scope().ReserveMemory(bodyMemory, network.ReservationPriorityMedium) != nil {
		v.queue.give(t)
		return nil
	}
	v.hasBody = true // its memory goes with the stream
	return t
}

// token takes a token of the puller's address, unless the puller owes for what it
// asked and may not have.
func (v *serving) token() bool {
	now := time.Now()
	return v.noes.has(v.puller, now) && v.rates.allow(v.address, now)
}

// no charges the puller and its address for n roots that were not sent. The first
// of them has been paid for with the request's token.
func (v *serving) no(n int, first bool) {
	now := time.Now()
	v.noes.charge(v.puller, n, now)
	if first {
		n--
	}
	v.rates.charge(v.address, n, now)
}

// refund gives a token back.
func (v *serving) refund() { v.rates.refund(v.address, time.Now()) }
