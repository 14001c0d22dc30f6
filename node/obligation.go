package node

import (
	"context"
	"errors"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

const (
	// obligationTick is how often the chain is asked again whether this account is
	// a validator, besides when an event says that it changed.
	obligationTick = 10 * time.Minute
	// obligationRetry is the pause after the chain did not answer.
	obligationRetry = 5 * time.Second
)

// obligation has a registered validator's node serve the DHT whether or not it is
// known to be reachable. Validators put their addresses on chain for others to
// dial, and the chain names them to every node that looks for its first peers.
// A node that merely has the role in its configuration is not obliged.
type obligation struct {
	account  pdx.Address
	chain    registry
	oblige   func(bool)
	changed  notify.Signal
	validate bool // the node plays the role
}

// wake notes an event on chain; it never blocks.
func (o *obligation) wake(e pdx.Event) {
	if e.Validator != o.account {
		return
	}
	o.changed.Set()
}

// run keeps the obligation as the chain says until ctx ends.
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

// refresh asks the chain and reports whether it answered. Without an answer the
// obligation stays as it was.
func (o *obligation) refresh(ctx context.Context) bool {
	v, err := o.chain.Validator(ctx, o.account)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return false
	}
	o.oblige(err == nil && isRegistered(v))
	return true
}

// isRegistered reports whether a validator is in its pools' service: bonded, or
// jailed for a while. One that leaves is not.
func isRegistered(v pdx.Validator) bool {
	return v.Status == pdx.ValidatorBonded || v.Status == pdx.ValidatorJailed
}
