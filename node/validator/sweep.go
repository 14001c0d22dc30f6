package validator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
)

// sweepLoop brings each record to what the chain says of its deal: at start, when
// something happened to the deal, and now and then in case a hint was missed.
func (s *Service) sweepLoop(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	s.sweeps.hintAll()
	for {
		var again <-chan time.Time
		swept := s.sweep(ctx)
		if !s.retireSets(ctx) || !swept {
			again = time.After(sweepRetry)
		}
		select {
		case <-again:
		case <-s.sweeps.wake:
		case <-tick.C:
			s.sweeps.hintAll()
		case <-ctx.Done():
			return
		}
	}
}

// sweep looks at the records that were hinted at. It is false when some of them
// must be looked at again soon: those that are being validated, and those about
// which the chain, the vault or the disk did not answer.
func (s *Service) sweep(ctx context.Context) (ok bool) {
	if err := s.records.settle(ctx); err != nil {
		s.log.WarnContext(ctx, "cannot read the records of deals; trying again", "error", err)
		return false
	}
	deals, ok := s.sweeps.take(s.records.ids), true
	for i, id := range deals {
		swept, err := s.sweepOne(ctx, id)
		if ctx.Err() != nil {
			return true
		}
		if err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "cannot bring a record to what the chain says of its deal; trying again",
				slog.Uint64("deal_id", uint64(id)), slog.Any("error", err))
		}
		if errors.Is(err, errNoChain) { // about the others it would not answer either
			s.sweeps.putBack(deals[i:])
			return false
		}
		if !swept || err != nil {
			s.sweeps.putBack(deals[i : i+1])
			ok = false
		}
	}
	return ok
}

// errNoChain: the chain did not answer.
var errNoChain = fmt.Errorf("%w: the chain cannot be read", pdx.ErrUnavailable)

// sweepOne brings one record to what the chain says of its deal. It is false when
// the deal is being validated just now.
func (s *Service) sweepOne(ctx context.Context, id pdx.DealID) (swept bool, err error) {
	release, ok := s.deals.Try(id)
	if !ok {
		return false, nil
	}
	defer release()
	record, err := s.records.get(ctx, id)
	if errors.Is(err, pdx.ErrNotFound) { // it has ended meanwhile
		return true, nil
	}
	if err != nil {
		return false, err
	}
	deal, err := s.ledger.Deal(ctx, id)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNoChain, err)
	}
	shown, ended := s.certificate(deal) != nil, deal.State.Ended()
	if ended || shown && (!record.Certified || !record.keeps()) { // then something may be deleted
		if deal, err = s.proven(ctx, id); err != nil {
			return false, err
		}
	}
	if deal.State.Ended() {
		return true, s.finish(ctx, record)
	}
	if ended {
		return false, nil // it is proven by the block after it
	}
	c := s.certificate(deal)
	if c == nil {
		return !shown, nil // likewise
	}
	if record, err = s.acknowledge(ctx, record, *c); err != nil {
		return false, err
	}
	if record.Certified && !record.keeps() {
		return true, s.discard(ctx, record)
	}
	if record.serves() {
		s.checkServed(ctx, deal)
	}
	return true, nil
}
