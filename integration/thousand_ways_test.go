package integration_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/seal"
)

func (x *exchange) nothing(*pool) error { return nil }

// draw reveals the buyer's part of the draws of a pool and has all of its deals drawn.
func (x *exchange) draw(p *pool) error {
	offered := x.height()
	for x.height() <= offered+2 { // the draw blocks must be finished, and a simulation beyond them
		<-x.tick.C
	}
	pool, err := x.reader.Pool(x.t.Context(), p.id)
	if err != nil {
		return err
	}
	preimage, err := p.key.DrawChain(datapooltest.DrawLength).Preimage(pool.DrawCommitment)
	if err != nil {
		return err
	}
	reveal := pdx.Reveal{Pool: p.id, Preimage: preimage, Height: offered + 1}
	if err := x.insist(func() error { return x.buyer.Reveal(x.t.Context(), reveal) }); err != nil {
		return err
	}
	for { // more deals than one message draws
		err := x.insist(func() error { return x.buyer.Draw(x.t.Context(), p.id) })
		if errors.Is(err, pdx.ErrWrongState) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// certified has each deal accepted by as many as it takes.
func (x *exchange) certified(p *pool) error {
	return x.each(p, func(d *dealing) error {
		deal, err := x.when(d.id, func(deal pdx.Deal) (bool, error) { return !deal.Undrawn(), nil })
		if err != nil {
			return err
		}
		for _, v := range deal.Validators[:deal.Required] {
			if err := x.certify(v, d, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// certify has one validator speak.
func (x *exchange) certify(v pdx.Address, d *dealing, accepted bool) error {
	return x.insist(func() error {
		facts, err := x.facts(d.id)
		if err != nil {
			return err
		}
		return x.validators[v].Certify(x.t.Context(), d.id, facts, x.verdict(accepted))
	})
}

// facts is what a validator and a buyer say that a deal is.
func (x *exchange) facts(id pdx.DealID) ([32]byte, error) {
	deal, err := x.buyer.Deal(x.t.Context(), id)
	return attest.FactsOf(x.chain.ChainID(), deal).Hash(), err
}

func (x *exchange) verdict(accepted bool) pdx.Certificate {
	c := pdx.Certificate{Report: sha256.Sum256([]byte("report")), Reason: pdx.RejectCriteria}
	if accepted {
		c.Accepted, c.Reason, c.Available, c.ExpiryHeight = true, 0, true, x.height()+10_000_000
	}
	return c
}

func (x *exchange) rejected(p *pool) error {
	return x.each(p, func(d *dealing) error {
		deal, err := x.when(d.id, func(pdx.Deal) (bool, error) { return true, nil })
		for _, v := range deal.Validators {
			if err == nil {
				err = x.certify(v, d, false)
			}
			if errors.Is(err, pdx.ErrWrongState) {
				return nil // enough have rejected it
			}
		}
		return err
	})
}

// closed closes the pool when its deals have one certificate of two.
func (x *exchange) closed(p *pool) error {
	first := func(d *dealing) error {
		err := x.certify(x.honest[0], d, true)
		if errors.Is(err, pdx.ErrWrongState) {
			return nil // it lapsed already, on a slow machine
		}
		return err
	}
	if err := x.each(p, first); err != nil {
		return err
	}
	waits := func(d *dealing) error {
		deal, err := x.reader.Deal(x.t.Context(), d.id)
		x.mu.Lock()
		defer x.mu.Unlock()
		x.waited[d.id] = err == nil && !deal.State.Ended()
		return err
	}
	if err := x.each(p, waits); err != nil {
		return err
	}
	if err := x.insist(func() error { _, _, err := x.buyer.ClosePool(x.t.Context(), p.id, 1<<40); return err }); err != nil {
		return err
	}
	return x.each(p, func(d *dealing) error {
		err := x.certify(x.honest[1], d, true)
		if !errors.Is(err, pdx.ErrWrongState) {
			return fmt.Errorf("a closed pool takes a certificate: %w", err)
		}
		return nil
	})
}

// acked has all deals acknowledged, in one transaction.
func (x *exchange) acked(p *pool) error {
	if err := x.certified(p); err != nil {
		return err
	}
	return x.insist(func() error {
		var acked []pdx.AckedDeal
		for _, id := range p.ids() {
			facts, err := x.facts(id)
			if err != nil {
				return err
			}
			acked = append(acked, pdx.AckedDeal{Deal: id, Facts: facts})
		}
		return x.buyer.Ack(x.t.Context(), acked)
	})
}

func (x *exchange) sold(p *pool) error {
	if err := x.acked(p); err != nil {
		return err
	}
	return x.delivered(p)
}

func (x *exchange) defaulted(p *pool) error {
	if err := x.certified(p); err != nil {
		return err
	}
	return x.delivered(p)
}

// delivered hands all keys over, as soon as there is an ack.
func (x *exchange) delivered(p *pool) error {
	return x.each(p, func(d *dealing) error {
		deal, err := x.until(d.id, pdx.DealAcked)
		if err != nil {
			return err
		}
		return x.deliver(d, deal, deal.AckHeight, nil)
	})
}

// vouched hands all keys over on acks off chain.
func (x *exchange) vouched(p *pool) error {
	if err := x.certified(p); err != nil {
		return err
	}
	return x.each(p, func(d *dealing) error {
		deal, err := x.until(d.id, pdx.DealCertified)
		if err != nil {
			return err
		}
		v := pdx.AckVoucher{AckHeight: deal.Entered(pdx.DealCertified).Height, ExpiryHeight: x.height() + 1_000_000}
		for x.height() <= v.AckHeight+1 { // the block must be finished, and its state there to be read
			<-x.tick.C
		}
		ack := attest.SignedAckOf(x.chain.ChainID(), deal, v).SignBytes()
		signature, public, err := x.chain.Keyring.Sign("buyer", ack, signing.SignMode_SIGN_MODE_DIRECT)
		if err != nil {
			return err
		}
		copy(v.Signature[:], signature)
		copy(v.PublicKey[:], public.Bytes())
		return x.deliver(d, deal, v.AckHeight, &v)
	})
}

func (x *exchange) deliver(d *dealing, deal pdx.Deal, ack int64, voucher *pdx.AckVoucher) error {
	bound := attest.Deliver{
		ChainID: x.chain.ChainID(), Pool: deal.Pool, Deal: deal.ID, Seller: deal.Seller, Buyer: deal.Buyer, Denom: pdx.Denom,
		Price: uint64(deal.Price), Cert: attest.CertHash(deal.Dataset, deal.Criteria, deal.Accepted()), AckHeight: ack,
	}
	d1, d2, proof, err := d.sealed.Key.Deliver(bound.Hash(), deal.BuyerKey)
	if err != nil {
		return err
	}
	return x.insist(func() error {
		return d.seller.Deliver(x.t.Context(), pdx.Delivery{Deal: deal.ID, D1: d1, D2: d2, Proof: proof, SignedAck: voucher})
	})
}

// convicted sells what does not open, and complains about all of it.
func (x *exchange) convicted(p *pool) error {
	if err := x.sold(p); err != nil {
		return err
	}
	return x.each(p, func(d *dealing) error {
		deal, err := x.until(d.id, pdx.DealDelivered)
		if err != nil {
			return err
		}
		c, err := x.complaint(d, p.key, deal)
		if err != nil {
			return err
		}
		return x.insist(func() error { _, err := x.buyer.Complain(x.t.Context(), c); return err })
	})
}

func (x *exchange) complaint(d *dealing, key seal.BuyerKey, deal pdx.Deal) (pdx.Complaint, error) {
	if d.spoiltBox {
		bound := attest.ComplainBox{ChainID: x.chain.ChainID(), Deal: deal.ID, Buyer: deal.Buyer}
		m, proof, err := key.ProveOpen(bound.Hash(), deal.Delivery.D1, deal.Delivery.D2)
		return pdx.Complaint{Deal: deal.ID, Box: &pdx.BoxComplaint{Opening: m, Proof: proof}}, err
	}
	bound := attest.ComplainBlock{ChainID: x.chain.ChainID(), Deal: deal.ID, Buyer: deal.Buyer}
	mj, proof, err := d.sealed.Key.ProveComplaint(bound.Hash(), 0)
	return pdx.Complaint{Deal: deal.ID, Segment: &pdx.SegmentComplaint{BlockKey: mj, Proof: proof, Slice: d.sealed.Slice(0)}}, err
}

// release has the crooks bonded, again if need be.
func (x *exchange) release() error {
	for _, account := range x.crooks {
		var v pdx.Validator
		err := x.insist(func() (err error) { v, err = x.reader.Validator(x.t.Context(), account); return err })
		if err != nil {
			return err
		}
		if v.Status == pdx.ValidatorBonded {
			continue
		}
		crook := x.validators[account]
		if v.Bond < thousandBond {
			if err := x.insist(func() error { return crook.AddBond(x.t.Context(), thousandBond-v.Bond) }); err != nil {
				return err
			}
		}
		if err := x.unjail(crook); err != nil {
			return err
		}
	}
	return nil
}

// unjail asks until the jail time is over.
func (x *exchange) unjail(crook *client.Client) error {
	for range 600 {
		err := x.insist(func() error { return crook.Unjail(x.t.Context()) })
		if !errors.Is(err, pdx.ErrWrongState) {
			return err
		}
		<-x.tick.C
	}
	return fmt.Errorf("%s stays in jail", crook.Account())
}

func (p *pool) ids() (ids []pdx.DealID) {
	for _, d := range p.deals {
		ids = append(ids, d.id)
	}
	slices.Sort(ids)
	return ids
}
