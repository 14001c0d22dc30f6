package node

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/seller"
)

// ackHander signs acks off chain and hands them to sellers. It implements buyer.SignedAcks.
type ackHander struct {
	*keys.Keys
	client *ack.Client
	peers  *peers.Directory
}

// Hand hands a signed ack to a deal's seller.
func (h ackHander) Hand(ctx context.Context, d pdx.Deal, v pdx.AckVoucher) error {
	id, err := h.peers.Find(ctx, d.Pool, pdx.RoleSeller, d.Seller)
	if err != nil {
		return err
	}
	return h.client.Hand(ctx, id, d.ID, v)
}

// signedAcks returns how the buyer acknowledges off chain, or nil if it acknowledges on
// chain only.
func (n *Node) signedAcks() buyer.SignedAcks {
	if !n.cfg.Buyer.SignedAcks {
		return nil
	}
	return ackHander{n.keys, ack.NewClient(n.host, n.cfg.Chain.ID), n.peers}
}

// ackTaker hands signed acks to the seller.
type ackTaker struct{ *seller.Service }

// Take checks a signed ack and keeps it.
func (t ackTaker) Take(ctx context.Context, buyer pdx.Address, deal pdx.DealID, v pdx.AckVoucher) error {
	return t.TakeSignedAck(ctx, buyer, deal, v)
}

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
