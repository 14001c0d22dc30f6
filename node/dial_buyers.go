package node

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/seller"
)

// reachBuyers connects to the buyer whenever a deal of this seller is certified:
// a seller that announces nothing, or cannot be dialled, is so found by its
// buyer, which looks among its connections first.
func (n *Node) reachBuyers(ctx context.Context) {
	for sale := range n.seller.Changes(ctx) {
		n.presence.news.Set()
		if sale.State != seller.Certified {
			continue
		}
		if _, err := n.people.find(ctx, sale.Pool, pdx.RoleBuyer, sale.Terms.Buyer); err != nil {
			n.log.Debug("buyer not reached", "deal_id", sale.Deal, "error", err)
		}
	}
}
