package node

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/ack"
	"github.com/medibloc/pdx/node/buyer"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/seller"
)

// voucherHander signs acks off chain and hands them to sellers.
type voucherHander struct {
	*keys.Keys
	client *ack.Client
	people *people
}

// Hand hands a voucher to a deal's seller.
func (h voucherHander) Hand(ctx context.Context, d pdx.Deal, v pdx.AckVoucher) error {
	id, err := h.people.find(ctx, d.Pool, pdx.RoleSeller, d.Seller)
	if err != nil {
		return err
	}
	return h.client.Hand(ctx, id, d.ID, v)
}

// vouchers is how the buyer acknowledges off chain; nil where it shall not.
func (n *Node) vouchers() buyer.Vouchers {
	if !n.cfg.Buyer.SignedAcks {
		return nil
	}
	return voucherHander{n.keys, ack.NewClient(n.host, n.cfg.Chain.ID), n.people}
}

// voucherTaker hands vouchers to the seller.
type voucherTaker struct{ *seller.Service }

// Take checks a voucher and keeps it.
func (t voucherTaker) Take(ctx context.Context, buyer pdx.Address, deal pdx.DealID, v pdx.AckVoucher) error {
	return t.TakeVoucher(ctx, buyer, deal, v)
}
