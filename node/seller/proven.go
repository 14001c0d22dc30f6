package seller

import (
	"context"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
)

// proven reads a sale's deal as the chain proves it, and checks that it is on
// the terms that were offered.
func (s *Service) proven(ctx context.Context, sale Sale) (pdx.Deal, pdx.Head, error) {
	deal, head, err := s.prover.Deal(ctx, sale.Deal)
	if err != nil {
		return deal, head, fmt.Errorf("the key stays here until deal %d is proven: %w", sale.Deal, err)
	}
	if head.ChainID != s.chainID {
		return deal, head, fmt.Errorf("%w: the ledger is of chain %q, not %q", pdx.ErrRefused, head.ChainID, s.chainID)
	}
	return deal, head, s.onTerms(sale, deal)
}

// canProve is ErrCannotProve while deals cannot be proven: an offer is a promise
// to deliver, and its deposit is lost without a delivery.
func (s *Service) canProve(ctx context.Context) error {
	if err := s.prover.Ready(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrCannotProve, err)
	}
	return nil
}

// mayOffer is canProve for a sale that was ordered before. Such a sale waits,
// whatever the reason: its owner has the time that the pool is open to mend it.
func (s *Service) mayOffer(ctx context.Context, sale Sale) error {
	if !sale.Tried.IsZero() { // the deposit may be at risk already
		return nil
	}
	if err := s.canProve(ctx); err != nil {
		return fmt.Errorf("%w: %v", pdx.ErrUnavailable, err)
	}
	return nil
}

// notAcked is what to do about a deal that is shown as acked and not proven to
// be: a state is proven by the block after it, which may be a moment away.
func (s *Service) notAcked(shown, proven pdx.Deal, head pdx.Head) (time.Duration, error) {
	if proven.State == pdx.DealCertified && shown.AckHeight >= head.Height && shown.AckHeight <= head.Height+proofLag {
		return soon, nil
	}
	return 0, fmt.Errorf("%w: it is proven to be %s at height %d", ErrNotAcked, proven.State, head.Height)
}
