package validator

import (
	"context"
	"log/slog"
	"time"
)

// sweepLoop lets go of what ended deals left: at start, when a deal ended, and
// now and then in case a hint was missed.
func (s *Service) sweepLoop(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		s.sweep(ctx)
		select {
		case <-s.ended:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweep looks at every record once; what cannot be done now is left for the next.
func (s *Service) sweep(ctx context.Context) {
	records, err := s.vault.All(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "cannot read the records of deals", "error", err)
		return
	}
	for _, r := range records {
		if ctx.Err() != nil {
			return
		}
		if err := s.sweepOne(ctx, r.Deal.String()); err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "cannot let go of a deal yet", slog.Uint64("deal_id", uint64(r.Deal)), slog.Any("error", err))
		}
	}
}

// sweepOne skips a deal that is being validated: its end will be noticed then,
// or by the next sweep.
func (s *Service) sweepOne(ctx context.Context, key string) error {
	record, err := s.vault.Get(ctx, key)
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
