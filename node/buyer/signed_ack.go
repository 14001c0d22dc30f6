package buyer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/model"
)

// acknowledge says to the seller that the ciphertext is here: by a voucher first,
// which costs nobody a transaction, and on chain where that does not bring the key
// in time. Both together are one ack: the chain pays once.
//
// The voucher is on disk before it is handed over, so that a deal has one.
func (s *Service) acknowledge(ctx context.Context, deal pdx.Deal, p *model.Pull) (outcome, error) {
	if p.SignedAck == nil || !s.proofs.certified(deal) {
		proven, o, err := s.provenToAck(ctx, deal)
		if o != done || err != nil {
			return o, err
		}
		deal = proven
	}
	onChain := func() (outcome, error) { s.acks.add(deal.ID); return waits, nil }
	if s.signedAcks == nil {
		return onChain()
	}
	head, err := s.heads.last(ctx)
	if err != nil {
		return retries, err
	}
	if p.SignedAck == nil {
		if !signable(deal, head) {
			return onChain()
		}
		if p.SignedAck, err = s.signAck(deal, head); err != nil {
			return retries, err
		}
		if err := s.keep(ctx, p); err != nil {
			return retries, err
		}
	}
	if waited(*p.SignedAck, deal, head) {
		return onChain()
	}
	if p.SignedAck.Taken {
		return polls, nil // for the delivery
	}
	switch err := s.signedAcks.Hand(ctx, deal, p.SignedAck.AckVoucher); {
	case err == nil:
		taken := *p.SignedAck // readers of the feed have the other one
		taken.Taken = true
		p.SignedAck = &taken
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
func (s *Service) keep(ctx context.Context, p *model.Pull) error {
	if err := s.pulls.Put(ctx, p.Deal.String(), *p); err != nil {
		return fmt.Errorf("remember deal %v: %w", p.Deal, err)
	}
	s.feed.set(*p)
	return nil
}

// voucher is an ack of now that holds for as long as one on chain would: the whole
// time for the key.
func (s *Service) signAck(deal pdx.Deal, head pdx.Head) (*model.SignedAck, error) {
	v := pdx.AckVoucher{
		AckHeight:    deal.Entered(pdx.DealCertified).Height,
		ExpiryHeight: head.Height + deal.Blocks(deal.Deadlines.Key),
	}
	if n := copy(v.PublicKey[:], s.signedAcks.PublicKey()); n != len(v.PublicKey) {
		return nil, fmt.Errorf("voucher: %w: public key of %d bytes", pdx.ErrInvalid, n)
	}
	signature, err := s.signedAcks.Sign(attest.SignedAckOf(s.chainID, deal, v).SignBytes())
	if err == nil && len(signature) != len(v.Signature) {
		err = fmt.Errorf("%w: signature of %d bytes", pdx.ErrInvalid, len(signature))
	}
	if err != nil {
		return nil, fmt.Errorf("sign voucher: %w", err)
	}
	copy(v.Signature[:], signature)
	return &model.SignedAck{AckVoucher: v, Signed: head.Time}, nil
}

// signable reports whether a voucher of now can bring the key: more than a quarter
// of the time for the ack is left, which the seller wants, and no certificate has
// expired.
func signable(deal pdx.Deal, head pdx.Head) bool {
	whole, blocks := ackTime(deal)
	return deal.BlockTime > 0 && deal.Entered(pdx.DealCertified).Height > 0 && inTime(deal, head) == nil &&
		deal.DeadlineTime.Sub(head.Time) > whole/2 && deal.DeadlineHeight-head.Height > blocks/2
}

// waited reports whether a voucher has had its time, or none is left for it. Only
// the chain's clock counts, since this machine's can be set: a voucher that was
// signed long after what is the chain's time now was dated by another clock, and
// has had its time. The last quarter before the deadline belongs to the chain.
func waited(v model.SignedAck, deal pdx.Deal, head pdx.Head) bool {
	whole, blocks := ackTime(deal)
	return head.Time.Sub(v.Signed).Abs() >= patience(deal) ||
		deal.DeadlineTime.Sub(head.Time) < whole/signedAckShare || deal.DeadlineHeight-head.Height < blocks/signedAckShare
}

// patience is how long a voucher may take.
func patience(deal pdx.Deal) time.Duration {
	whole, _ := ackTime(deal)
	return min(signedAckPatience, whole/signedAckShare)
}

// ackTime is the whole time for the ack, and the blocks.
func ackTime(deal pdx.Deal) (time.Duration, int64) {
	certified := deal.Entered(pdx.DealCertified)
	return deal.DeadlineTime.Sub(certified.Time), deal.DeadlineHeight - certified.Height
}

// heads remember the last block for a moment: many deals that wait look at it at
// the same time.
type heads struct {
	ledger Ledger

	mu   sync.Mutex
	head pdx.Head
	read time.Time // when; only its monotonic reading counts
}

// last is the last block, or the one of headAge ago.
func (h *heads) last(ctx context.Context) (pdx.Head, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.read.IsZero() && time.Since(h.read) < headAge {
		return h.head, nil
	}
	head, err := h.ledger.Head(ctx)
	if err == nil {
		h.head, h.read = head, time.Now()
	}
	return head, err
}
