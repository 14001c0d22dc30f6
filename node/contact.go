package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/dedup"
	"github.com/medibloc/pdx/node/keys"
)

const (
	// contactRetry is a few blocks.
	contactRetry = 30 * time.Second
	// contactSettle is how long addresses must stay the same before they are put on
	// chain: behind a home router they change several times in a row.
	contactSettle = time.Minute
	// contactRest is the least time between two changes on chain, each of which costs a
	// fee: at most 24 a day.
	contactRest = time.Hour
)

// keepContact puts this node's addresses on chain at the start and whenever they change,
// if its account is a validator. It retries on failure. That the chain cannot be read is
// not reported here: whoever follows the chain does, and the account may be no validator.
func (n *Node) keepContact(ctx context.Context) {
	changes, err := n.host.EventBus().Subscribe(new(event.EvtLocalAddressesUpdated), eventbus.Name("pdx contact"))
	if err != nil {
		n.log.Warn("address changes of this node go unnoticed", "error", err)
		return
	}
	defer changes.Close()
	followContact(ctx, changes.Out(), func(ctx context.Context) (bool, error) {
		registered, changed, err := n.updateContact(ctx)
		switch {
		case err != nil && registered && ctx.Err() == nil:
			n.log.Warn("the addresses of this validator on chain may be outdated", "error", err)
		case changed:
			n.log.Info("the addresses of this validator on chain were updated")
		}
		return changed, err
	})
}

// followContact calls update at once and after changes, until ctx ends. It receives changes
// at all times, also while it waits for the next update: libp2p's host stands still while a
// subscriber's queue is full.
func followContact(ctx context.Context, changes <-chan any, update func(context.Context) (changed bool, err error)) {
	next := time.NewTimer(0)
	defer next.Stop()
	planned, rested := true, time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
			if !planned {
				planned = true
				next.Reset(max(contactSettle, time.Until(rested)))
			}
		case <-next.C:
			changed, err := update(ctx)
			if planned = err != nil; planned {
				next.Reset(contactRetry)
			}
			if changed {
				rested = time.Now().Add(contactRest)
			}
		}
	}
}

// updateContact reports whether this account is known to be a validator, and whether its
// addresses on chain were changed. A node that knows no address of its own leaves the old
// ones, which may still be valid.
func (n *Node) updateContact(ctx context.Context) (registered, changed bool, err error) {
	v, err := n.chain.Validator(ctx, n.Account())
	if errors.Is(err, pdx.ErrNotFound) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	recipient, err := n.recipientAfter(ctx, v.RecipientKey)
	if err != nil {
		return true, false, err
	}
	id, addresses := n.Contact()
	old := contactOld(v, id, addresses)
	if !old && (v.RecipientKey == recipient || !v.Registered()) {
		return true, false, nil
	}
	if v.RecipientKey = recipient; old {
		v.PeerID, v.Addresses = id, addresses
	}
	if err := n.chain.UpdateValidator(ctx, v); err != nil {
		return true, false, fmt.Errorf("put addresses on chain: %w", err)
	}
	return true, true, nil
}

// contactOld reports whether the chain has other addresses of an active validator.
func contactOld(v pdx.Validator, id string, addresses []string) bool {
	return v.Registered() && len(addresses) > 0 && (v.PeerID != id || !slices.Equal(v.Addresses, addresses))
}

// recipients returns the key pairs to which pools seal or sealed their tag keys, the present one first.
func (n *Node) recipients(ctx context.Context) ([]dedup.Recipient, error) {
	return keys.Recipients(ctx, n.home.Secrets)
}

// recipientAfter returns this node's recipient key. If the chain has one that comes after it, that is this
// node's from now on: this home does not know of rotations that an older copy of it has seen.
func (n *Node) recipientAfter(ctx context.Context, onChain [dedup.RecipientLen]byte) ([dedup.RecipientLen]byte, error) {
	own, err := n.RecipientKey(ctx)
	if err != nil || own == onChain {
		return own, err
	}
	adopted, err := keys.AdoptRecipient(ctx, n.home.Secrets, onChain)
	if err != nil || !adopted {
		return own, err
	}
	return onChain, nil
}

// RecipientKey returns the key that a validator registers, to which pools seal their tag keys.
func (n *Node) RecipientKey(ctx context.Context) ([dedup.RecipientLen]byte, error) {
	r, err := keys.Recipient(ctx, n.home.Secrets)
	if err != nil {
		return [dedup.RecipientLen]byte{}, err
	}
	return r.Public(), nil
}
