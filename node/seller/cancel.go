package seller

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// SaleOf returns the sale of a deal, in progress or settled; pdx.ErrNotFound if this node sold
// nothing in it.
func (s *Service) SaleOf(ctx context.Context, deal pdx.DealID) (model.Sale, error) {
	if deal == 0 { // that of every sale that was not offered
		return model.Sale{}, fmt.Errorf("deal %v: %w", deal, pdx.ErrNotFound)
	}
	sale, err := saleBy(ctx, s, s.feed.ofDeal, "Deal", deal)
	if err != nil {
		return model.Sale{}, fmt.Errorf("deal %v: %w", deal, err)
	}
	return s.located(sale), nil
}

// WithdrawConsent records that the owner no longer agrees to a deal. Where no validator has
// worked on the offer it is withdrawn; anything else goes on, because others rely on it.
//
// Errors: pdx.ErrNotFound for a deal in which this node sold nothing, pdx.ErrUnavailable while
// the chain cannot be reached. The consent is then withdrawn all the same, and the call may be
// repeated.
func (s *Service) WithdrawConsent(ctx context.Context, deal pdx.DealID) (model.ConsentEnd, error) {
	sale, err := s.SaleOf(ctx, deal)
	if err != nil {
		return model.ConsentEnd{}, err
	}
	if sale.ConsentWithdrawn.IsZero() {
		now := time.Now().UTC()
		err = s.change(ctx, sale.ID, func(sale *model.Sale) {
			if sale.ConsentWithdrawn.IsZero() {
				sale.ConsentWithdrawn = now
			}
		})
		if err != nil {
			return model.ConsentEnd{}, err
		}
		sale.ConsentWithdrawn = now
	}
	end := model.ConsentEnd{At: sale.ConsentWithdrawn, State: sale.State, Stopped: sale.Withdrawn && sale.State == model.SaleLapsed}
	if sale.State != model.SaleOffered {
		return end, nil
	}
	err = s.Cancel(ctx, deal)
	switch {
	case err == nil:
		end.Stopped = true
	case errors.Is(err, pdx.ErrWrongState), errors.Is(err, pdx.ErrNotFound):
		end.Reason = err.Error()
		if now, found := s.feed.ofDeal.First(deal); found {
			end.State = now.State
		}
	default:
		return end, err
	}
	return end, nil
}
