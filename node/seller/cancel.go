package seller

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// Cancel withdraws the offer of a deal on which no validator has worked. The sale ends as
// lapsed when the chain shows it, and its deposit comes back.
//
// Errors: pdx.ErrNotFound for a deal that is no sale in progress of this node's,
// pdx.ErrWrongState if its draw has begun, or it has a verdict.
func (s *Service) Cancel(ctx context.Context, deal pdx.DealID) error {
	if err := s.cancel(ctx, deal); err != nil {
		return fmt.Errorf("cancel the sale of deal %v: %w", deal, err)
	}
	return nil
}

func (s *Service) cancel(ctx context.Context, deal pdx.DealID) error {
	sale, ok := s.feed.ofDeal.First(deal)
	if !ok || sale.State != model.SaleOffered {
		return fmt.Errorf("%w: no offer of this node's waits under this number", pdx.ErrNotFound)
	}
	// The mark comes first: the chain may show the end before the wallet returns.
	if err := s.change(ctx, sale.ID, func(sale *model.Sale) { sale.Withdrawn = true }); err != nil {
		return err
	}
	err := s.wallet.WithdrawOffer(ctx, deal)
	if err != nil && !errors.Is(err, pdx.ErrUnavailable) { // else it may have come through
		unmark := s.change(ctx, sale.ID, func(sale *model.Sale) { sale.Withdrawn = false })
		return errors.Join(err, unmark)
	}
	return err
}
