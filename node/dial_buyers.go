package node

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// dialBuyers connects to the buyer whenever a deal of this seller is certified. A buyer
// searches its connections first, so it finds even a seller that announces nothing or
// cannot be dialled.
func (n *Node) dialBuyers(ctx context.Context) {
	for sale := range n.seller.Changes(ctx) {
		n.presence.Refresh()
		if sale.State != model.SaleCertified {
			continue
		}
		if _, err := n.peers.Find(ctx, sale.Pool, pdx.RoleBuyer, sale.Terms.Buyer); err != nil {
			n.log.Debug("buyer not reached", "deal_id", sale.Deal, "error", err)
		}
	}
}
