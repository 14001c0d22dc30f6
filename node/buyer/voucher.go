package buyer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// Voucher is what a buyer remembers of its ack of a deal off chain.
type Voucher struct {
	pdx.AckVoucher
	Signed time.Time // by the chain's clock
	Taken  bool      // the seller has it on disk
}

// acknowledge says to the seller that the ciphertext is here: by a voucher first,
// which costs nobody a transaction, and on chain where that does not bring the key
// in time. Both together are one ack: the chain pays once.
//
// The voucher is on disk before it is handed over, so that a deal has one.
func (s *Service) acknowledge(ctx context.Context, deal pdx.Deal, p *Pull) (outcome, error) {
	onChain := func() (outcome, error) { s.acks.add(deal.ID); return waits, nil }
	if s.vouchers == nil {
		return onChain()
	}
	head, err := s.heads.last(ctx)
	if err != nil {
		return retries, err
	}
	if p.Voucher == nil {
		if !vouchable(deal, head) {
			return onChain()
		}
		if p.Voucher, err = s.voucher(deal, head); err != nil {
			return retries, err
		}
		if err := s.keep(ctx, p); err != nil {
			return retries, err
		}
	}
	if waited(*p.Voucher, deal, head) {
		return onChain()
	}
	if p.Voucher.Taken {
		return polls, nil // for the delivery
	}
	switch err := s.vouchers.Hand(ctx, deal, p.Voucher.AckVoucher); {
	case err == nil:
		taken := *p.Voucher // the board shows the other one
		taken.Taken = true
		p.Voucher = &taken
		return polls, s.keep(ctx, p)
	case ctx.Err() != nil:
		return retries, ctx.Err()
	case errors.Is(err, pdx.ErrRefused):
		s.log.InfoContext(ctx, "the seller takes no voucher; acknowledging on chain", "deal_id", deal.ID, "error", err)
		return onChain()
	default:
		s.log.DebugContext(ctx, "voucher not handed over yet", "deal_id", deal.ID, "error", err)
		return polls, nil
	}
}

// keep remembers what is known of a deal; its state is as it was.
func (s *Service) keep(ctx context.Context, p *Pull) error {
	if err := s.pulls.Put(ctx, p.Deal.String(), *p); err != nil {
		return fmt.Errorf("remember deal %v: %w", p.Deal, err)
	}
	s.board.set(*p)
	return nil
}

// voucher is an ack of now that holds for as long as one on chain would: the whole
// time for the key.
func (s *Service) voucher(deal pdx.Deal, head pdx.Head) (*Voucher, error) {
	v := pdx.AckVoucher{
		AckHeight:    deal.Entered(pdx.DealCertified).Height,
		ExpiryHeight: head.Height + deal.Blocks(deal.Deadlines.Key),
	}
	if n := copy(v.PublicKey[:], s.vouchers.PublicKey()); n != len(v.PublicKey) {
		return nil, fmt.Errorf("voucher: %w: public key of %d bytes", pdx.ErrInvalid, n)
	}
	signature, err := s.vouchers.Sign(attest.SignedAckOf(s.chainID, deal, v).SignBytes())
	if err == nil && len(signature) != len(v.Signature) {
		err = fmt.Errorf("%w: signature of %d bytes", pdx.ErrInvalid, len(signature))
	}
	if err != nil {
		return nil, fmt.Errorf("sign voucher: %w", err)
	}
	copy(v.Signature[:], signature)
	return &Voucher{AckVoucher: v, Signed: head.Time}, nil
}

// vouchable reports whether a voucher of now can bring the key: more than a quarter
// of the time for the ack is left, which the seller wants, and no certificate has
// expired.
func vouchable(deal pdx.Deal, head pdx.Head) bool {
	whole, blocks := ackTime(deal)
	return deal.BlockTime > 0 && deal.Entered(pdx.DealCertified).Height > 0 && inTime(deal, head) == nil &&
		deal.DeadlineTime.Sub(head.Time) > whole/2 && deal.DeadlineHeight-head.Height > blocks/2
}

// waited reports whether a voucher has had its time, or none is left for it. Only
// the chain's clock counts, since this machine's can be set: a voucher that was
// signed long after what is the chain's time now was dated by another clock, and
// has had its time. The last quarter before the deadline belongs to the chain.
func waited(v Voucher, deal pdx.Deal, head pdx.Head) bool {
	whole, blocks := ackTime(deal)
	return head.Time.Sub(v.Signed).Abs() >= patience(deal) ||
		deal.DeadlineTime.Sub(head.Time) < whole/voucherShare || deal.DeadlineHeight-head.Height < blocks/voucherShare
}

// patience is how long a voucher may take.
func patience(deal pdx.Deal) time.Duration {
	whole, _ := ackTime(deal)
	return min(voucherPatience, whole/voucherShare)
}

// ackTime is the whole time for the ack, and the blocks.
func ackTime(deal pdx.Deal) (time.Duration, int64) {
	certified := deal.Entered(pdx.DealCertified)
	return deal.DeadlineTime.Sub(certified.Time), deal.DeadlineHeight - certified.Height
}
