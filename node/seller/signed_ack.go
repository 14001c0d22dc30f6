package seller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/node/model"
)

// errSignedAck: a voucher is not, or no longer, one to deliver on. The buyer
// acknowledges on chain instead.
var errSignedAck = fmt.Errorf("%w: ack voucher", pdx.ErrRefused)

// TakeSignedAck takes the ack that a deal's buyer hands over off chain. When it
// returns nil the voucher is on disk, and the key is delivered on it; to take the
// same again is to take it once. A later one replaces it as long as no delivery
// was made.
//
// Errors: pdx.ErrRefused to everybody but the deal's buyer, and for a voucher that
// does not hold, or not for long enough; pdx.ErrWrongState when the deal does not
// wait for an ack; pdx.ErrNotFound and pdx.ErrUnavailable when it may be handed
// over again.
func (s *Service) TakeSignedAck(ctx context.Context, from pdx.Address, id pdx.DealID, v pdx.AckVoucher) error {
	sale, err := saleBy(ctx, s, s.feed.ofDeal, "Deal", id)
	switch {
	case err != nil:
		return fmt.Errorf("deal %v: %w", id, err)
	case from == "" || from != sale.Terms.Buyer:
		return fmt.Errorf("deal %v: %w: not its buyer", id, pdx.ErrRefused)
	case sale.SignedAck != nil && *sale.SignedAck == v:
		return nil
	case sale.Delivery != nil || sale.State.Ended():
		return fmt.Errorf("deal %v: %w: it waits for no ack", id, pdx.ErrWrongState)
	}
	if err := s.checkSignedAck(ctx, sale, v); err != nil {
		return err
	}
	err = s.change(ctx, sale.ID, func(sale *model.Sale) {
		if sale.Delivery == nil { // else it is bound to the one before
			sale.SignedAck = &v
		}
	})
	if err != nil {
		return err
	}
	s.Wake(pdx.Event{Pool: sale.Pool, Deal: id})
	return nil
}

// checkSignedAck holds a voucher against what the ledger shows now.
func (s *Service) checkSignedAck(ctx context.Context, sale model.Sale, v pdx.AckVoucher) error {
	deal, err := s.ledger.Deal(ctx, sale.Deal)
	if err != nil {
		return err
	}
	if err := s.onTerms(sale, deal); err != nil {
		return err
	}
	if deal.State != pdx.DealCertified {
		return fmt.Errorf("deal %v is %s: %w: it waits for no ack", deal.ID, deal.State, pdx.ErrWrongState)
	}
	head, err := s.ledger.Head(ctx)
	if err != nil {
		return err
	}
	return s.holds(deal, head, v)
}

// holds reports whether the chain takes a delivery on a voucher, for long enough:
// all that it checks, and that a quarter is left of the time for the key until the
// voucher expires, and of the time for the ack until somebody may end the deal.
// Whoever shows a delivery has shown the key.
func (s *Service) holds(deal pdx.Deal, head pdx.Head, v pdx.AckVoucher) error {
	certified, quarter := deal.Entered(pdx.DealCertified), deal.Blocks(deal.Deadlines.Key/keyShare)
	whole := deal.DeadlineHeight - certified.Height
	switch {
	case head.ChainID != s.chainID || deal.BlockTime <= 0:
		return fmt.Errorf("%w: the ledger does not show its terms", errSignedAck)
	case v.AckHeight < certified.Height || v.AckHeight > head.Height:
		return fmt.Errorf("%w: acknowledged at height %d, not from %d to %d", errSignedAck, v.AckHeight, certified.Height, head.Height)
	case v.ExpiryHeight-max(v.AckHeight, head.Height) < quarter:
		return fmt.Errorf("%w: it expires at height %d, in less than a quarter of the time for the key", errSignedAck, v.ExpiryHeight)
	case deal.DeadlineHeight-head.Height < (whole+ackShare-1)/ackShare,
		deal.DeadlineTime.Sub(later(head.Time)) < deal.DeadlineTime.Sub(certified.Time)/ackShare:
		return fmt.Errorf("%w: less than a quarter of the time for the ack is left", errSignedAck)
	}
	if err := attest.SignedAckOf(s.chainID, deal, v).Verify(); err != nil {
		return fmt.Errorf("%w: %w", errSignedAck, err)
	}
	return nil
}

// later is the later of the chain's clock and this machine's.
func later(chain time.Time) time.Time {
	if now := time.Now(); now.After(chain) {
		return now
	}
	return chain
}

// awaitAck is what there is to do for a deal that is certified: deliver on a
// voucher, or see that validators' promises stand in for the ack.
func (s *Service) awaitAck(ctx context.Context, sale model.Sale, deal pdx.Deal) (time.Duration, error) {
	head, err := s.ledger.Head(ctx)
	switch {
	case err != nil:
		return 0, err
	case sale.Delivery != nil: // it may have been seen: the same one, until the chain has it or the deal ends
		return s.send(ctx, *sale.Delivery, pollEvery)
	case sale.SignedAck == nil || s.holds(deal, head, *sale.SignedAck) != nil:
		return s.ackByDefault(ctx, deal, head)
	case sale.SignedAck.AckHeight >= head.Height:
		return soon, nil // the chain takes it in a later block than that
	}
	if deal, head, err = s.proven(ctx, sale); err != nil {
		return 0, err
	}
	if deal.State != pdx.DealCertified || sale.SignedAck.AckHeight >= head.Height {
		return soon, nil // it moved on, or the block that proves it is still to come
	}
	if err := s.holds(deal, head, *sale.SignedAck); err != nil {
		return 0, err
	}
	return s.handOver(ctx, sale, deal, sale.SignedAck)
}

// ackByDefault sees that a deal with the promises for it is acknowledged when its
// buyer was not in time. The end of a block does that by itself; a transaction is
// sent only when many blocks did not.
func (s *Service) ackByDefault(ctx context.Context, deal pdx.Deal, head pdx.Head) (time.Duration, error) {
	overdue := head.Height > deal.DeadlineHeight+defaultAckGrace && head.Time.After(deal.DeadlineTime)
	if !overdue || !deal.AckedByDefault() {
		return pollEvery, nil
	}
	err := s.wallet.DefaultAck(ctx, deal.ID)
	if errors.Is(err, pdx.ErrWrongState) { // somebody was first
		return pollEvery, nil
	}
	if err != nil {
		return 0, fmt.Errorf("ack by default: %w", err)
	}
	return soon, nil
}
