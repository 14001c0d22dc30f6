package buyer_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/exchange/bao"
	"github.com/medibloc/pdx/exchange/proof"
	"github.com/medibloc/pdx/exchange/seal"
)

const (
	testDeposit      pdx.Amount = 3
	testCompensation pdx.Amount = 1
)

// Complain judges like the chain, and counts what it was shown: each costs a fee.
func (w *world) Complain(_ context.Context, c pdx.Complaint) (credited pdx.Amount, err error) {
	err = w.around("complain", func() error {
		w.complaints = append(w.complaints, c)
		d := w.deals[c.Deal]
		if d.State != pdx.DealDelivered || d.Buyer != me {
			return fmt.Errorf("%w: deal %v is %s", pdx.ErrWrongState, c.Deal, d.State)
		}
		if w.head.Height > d.DeadlineHeight && w.head.Time.After(d.DeadlineTime) {
			return fmt.Errorf("%w: too late", pdx.ErrWrongState)
		}
		if err := judged(d, c); err != nil {
			return err
		}
		conviction := pdx.Conviction{Kind: pdx.ComplaintBox, Compensation: testCompensation}
		if c.Segment != nil {
			conviction.Kind, conviction.Segment = pdx.ComplaintSegment, c.Segment.Index
		}
		d.Conviction = &conviction
		w.deals[c.Deal] = d
		credited = d.Price + d.Deposit + testCompensation
		w.enter(c.Deal, pdx.DealFraud)
		return nil
	})
	return credited, err
}

func judged(d pdx.Deal, c pdx.Complaint) error {
	if c.Box != nil {
		ctx := attest.ComplainBox{ChainID: chainID, Deal: d.ID, Buyer: d.Buyer}.Hash()
		if err := proof.VerifyOpen(ctx, d.BuyerKey, d.Delivery.D1, d.Delivery.D2, c.Box.Opening, c.Box.Proof); err != nil {
			return err
		}
		if _, err := seal.OpenDataset(c.Box.Opening, d.Dataset); !errors.Is(err, seal.ErrBox) {
			return fmt.Errorf("%w: the box opens", pdx.ErrRefused)
		}
		return nil
	}
	i, block := c.Segment.Index, c.Segment.Index/seal.BlockSegments
	ctx := attest.ComplainBlock{ChainID: chainID, Deal: d.ID, Buyer: d.Buyer, Block: block}.Hash()
	if err := proof.VerifyComplaint(ctx, d.Dataset.Key, d.Dataset.Nonce, block, c.Segment.BlockKey, c.Segment.Proof); err != nil {
		return err
	}
	sealed, err := bao.VerifySegment(c.Segment.Slice, d.Dataset.Root, d.Dataset.Size, i)
	if err != nil {
		return err
	}
	if _, err := seal.OpenSegment(c.Segment.BlockKey, d.Dataset, i, sealed); err == nil {
		return fmt.Errorf("%w: the segment decrypts", pdx.ErrRefused)
	}
	return nil
}

// complained is how many complaints the chain was shown.
func (w *world) complained() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.complaints)
}

// pass lets blocks and time pass.
func (w *world) pass(blocks int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.head.Height += blocks
}
