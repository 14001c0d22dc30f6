package seller

import (
	"context"
	"fmt"
	"slices"

	"github.com/medibloc/pdx"
)

// MayPull says whether an account may pull a ciphertext from this seller: the
// deal's validators from the offer on, the pool's buyer once it is certified,
// both until the deal has ended. The ledger is asked each time.
//
// Errors: pdx.ErrNotFound when this seller does not sell it, pdx.ErrRefused to a
// stranger and after the end, pdx.ErrUnavailable when it may be allowed later.
func (s *Service) MayPull(ctx context.Context, account pdx.Address, root pdx.ContentID) error {
	id, ok := s.board.deal(root)
	switch {
	case !ok && !s.isRunning(): // it has not read its sales yet
		return fmt.Errorf("ciphertext %v: %w: the seller is not running", root, pdx.ErrUnavailable)
	case !ok:
		return fmt.Errorf("ciphertext %v: %w", root, pdx.ErrNotFound)
	}
	deal, err := s.ledger.Deal(ctx, id)
	if err != nil {
		return fmt.Errorf("deal %v: %w: the ledger could not be read", id, pdx.ErrUnavailable)
	}
	buyer, validator := account == deal.Buyer, slices.Contains(deal.Validators, account)
	switch {
	case deal.Seller != s.account || deal.Dataset.Root != root:
		return fmt.Errorf("deal %v: %w", id, ErrOtherTerms)
	case account == "" || !buyer && !validator:
		return fmt.Errorf("deal %v: %w: not the buyer and not a validator of it", id, pdx.ErrRefused)
	case deal.State.Ended():
		return fmt.Errorf("deal %v: %w: it is %s", id, pdx.ErrRefused, deal.State)
	case deal.State == pdx.DealOffered && !validator:
		return fmt.Errorf("deal %v: %w: it is not certified yet", id, pdx.ErrUnavailable)
	}
	return nil
}
