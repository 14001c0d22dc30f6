package validator

import (
	"context"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
)

// sweepLoop lets go of what ended deals left: at start, when a deal ended, and
// now and then in case a hint was missed.
func (s *Service) sweepLoop(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		var again <-chan time.Time
		if !s.sweep(ctx) {
			again = time.After(sweepRetry)
		}
		select {
		case <-again:
		case <-s.ended:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweep looks at every record once; what cannot be done now is left for the next.
// It is false when the records cannot be read.
func (s *Service) sweep(ctx context.Context) (ok bool) {
	if err := s.records.settle(ctx); err != nil {
		s.log.WarnContext(ctx, "cannot read the records of deals; trying again", "error", err)
		return false
	}
	for _, id := range s.records.ids() {
		if ctx.Err() != nil {
			return true
		}
		if err := s.sweepOne(ctx, id); err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "cannot let go of a deal yet", slog.Uint64("deal_id", uint64(id)), slog.Any("error", err))
		}
	}
	return true
}

// sweepOne skips a deal that is being validated: its end will be noticed then,
// or by the next sweep.
func (s *Service) sweepOne(ctx context.Context, id pdx.DealID) error {
	record, err := s.records.get(ctx, id)
	if err != nil {
		return err
	}
	release, ok := s.deals.try(record.Deal)
	if !ok {
		return nil
	}
	defer release()
	deal, err := s.ledger.Deal(ctx, record.Deal)
	switch {
	case err != nil:
		return err
	case deal.State.Ended():
		return s.finish(ctx, record)
	}
	if c := s.certificate(deal); c != nil && c.Available { // what the chain holds decides
		record.Promised = true
	}
	if record.Certified && !record.keeps() {
		return s.discard(ctx, record)
	}
	return nil
}
