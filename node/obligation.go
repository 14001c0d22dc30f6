package node

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

const (
	// obligationTick is the interval between checks whether this account is a validator;
	// events trigger further checks.
	obligationTick = 10 * time.Minute
	// obligationRetry is the pause after the chain did not answer.
	obligationRetry = 5 * time.Second
)

// A registry reads validators from the chain.
type registry interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
}

// obligation makes the node of a registered validator serve the DHT whether or not it is
// known to be reachable: validators publish their addresses on chain, where every node
// finds its first peers. A node that only has the role in its configuration is not
// obliged.
type obligation struct {
	account  pdx.Address
	chain    registry
	oblige   func(bool)
	changed  notify.Signal
	validate bool // the node plays the role

	peer  string      // id of this node's peer
	named atomic.Bool // the chain names it for the account, in public
}

// wake triggers a check if an event concerns this account. It never blocks.
func (o *obligation) wake(e pdx.Event) {
	if e.Validator != o.account {
		return
	}
	o.changed.Set()
}

// run keeps the obligation up to date until ctx ends.
func (o *obligation) run(ctx context.Context) {
	if !o.validate {
		return
	}
	for {
		again := obligationTick
		if !o.refresh(ctx) {
			again = obligationRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(again):
		case <-o.changed:
		}
	}
}

// refresh reads the chain and reports whether it answered. Without an answer, the
// obligation stays as it was.
func (o *obligation) refresh(ctx context.Context) bool {
	v, err := o.chain.Validator(ctx, o.account)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return false
	}
	registered := err == nil && v.Registered()
	o.named.Store(registered && v.PeerID == o.peer)
	o.oblige(registered)
	return true
}
