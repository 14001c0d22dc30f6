package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
)

// reachBuyers connects to the buyer whenever a deal of this seller is certified:
// a seller that announces nothing, or cannot be dialled, is so found by its
// buyer, which looks among its connections first.
func (n *Node) reachBuyers(ctx context.Context) {
	for sale := range n.seller.Changes(ctx) {
		n.presence.nudge()
		if sale.State != seller.Certified {
			continue
		}
		if _, err := n.people.find(ctx, sale.Pool, pdx.RoleBuyer, sale.Terms.Buyer); err != nil {
			n.log.Debug("buyer not reached", "deal_id", sale.Deal, "error", err)
		}
	}
}

// keepContact puts the present addresses of this node on chain, if its account
// is a validator and they changed; what fails is tried again.
func (n *Node) keepContact(ctx context.Context) {
	for ctx.Err() == nil {
		err := n.updateContact(ctx)
		if err == nil {
			return
		}
		n.log.Warn("this validator's addresses on chain may be old", "error", err)
		pause(ctx, contactRetry)
	}
}

// contactRetry is a few blocks.
const contactRetry = 30 * time.Second

func (n *Node) updateContact(ctx context.Context) error {
	v, err := n.chain.Validator(ctx, n.Account())
	if errors.Is(err, pdx.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	id, addresses := n.Contact()
	if v.PeerID == id && slices.Equal(v.Addresses, addresses) {
		return nil
	}
	v.PeerID, v.Addresses = id, addresses
	return n.chain.UpdateValidator(ctx, v)
}
