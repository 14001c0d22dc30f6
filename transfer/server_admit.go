package transfer

import (
	"context"
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// errNoRelay: the stream came over a limited connection.
var errNoRelay = errors.New("relayed streams are not served")

// await waits for a slot; nil when the puller must come back later.
func (u *upload) await(ctx context.Context) *grant {
	u.server.metrics.waiting.Inc()
	defer u.server.metrics.waiting.Dec()
	t := u.server.queue.take(ctx, u.stream.Peer(), u.stream.Group(), func() { _ = u.stream.SetWriteDeadline(past) })
	if t == nil || u.hasBody {
		return t
	}
	if u.stream.Scope().ReserveMemory(bodyMemory, network.ReservationPriorityMedium) != nil {
		u.server.queue.give(t)
		return nil
	}
	u.hasBody = true // its memory goes with the stream
	return t
}

// token takes a token of the puller's address, unless the puller owes for what it
// asked and may not have.
func (u *upload) token() bool {
	return u.server.noes.Has(u.stream.Peer(), time.Now()) && u.stream.Allow(1)
}

// no charges the puller and its address for n roots that were not sent. The first
// of them has been paid for with the request's token.
func (u *upload) no(n int, first bool) {
	u.server.noes.Charge(u.stream.Peer(), n, time.Now())
	if first {
		n--
	}
	u.stream.Charge(n)
}

// refund gives a token back.
func (u *upload) refund() { u.stream.Charge(-1) }
