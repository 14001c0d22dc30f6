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

// notAcked is what to do about a deal that is shown as acked and not proven to
// be: a state is proven by the block after it, which may be a moment away.
func (s *Service) notAcked(shown, proven pdx.Deal, head pdx.Head) (time.Duration, error) {
	if proven.State == pdx.DealCertified && shown.AckHeight >= head.Height && shown.AckHeight <= head.Height+proofLag {
		return soon, nil
	}
	return 0, fmt.Errorf("%w: it is proven to be %s at height %d", ErrNotAcked, proven.State, head.Height)
}
