package node

import (
	"context"
	"slices"

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
// is a validator and they changed.
func (n *Node) keepContact(ctx context.Context) {
	v, err := n.chain.Validator(ctx, n.Account())
	if err != nil {
		return // not a validator, or asked again at the next start
	}
	id, addresses := n.Contact()
	if v.PeerID == id && slices.Equal(v.Addresses, addresses) {
		return
	}
	v.PeerID, v.Addresses = id, addresses
	if err := n.chain.UpdateValidator(ctx, v); err != nil {
		n.log.Warn("this validator's addresses on chain are old and could not be updated", "error", err)
	}
}
