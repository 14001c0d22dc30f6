package buyer

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
)

// advance takes a deal as far as it goes now.
func (s *Service) advance(ctx context.Context, pool pdx.PoolID, id pdx.DealID) outcome {
	p, ok := s.board.get(id)
	if !ok {
		p = Pull{Deal: id, Pool: pool, State: StateCertified}
	}
	if p.State.done() {
		return done
	}
	o, err := s.step(ctx, &p)
	if err == nil {
		return o
	}
	return s.explain(ctx, p, err)
}

// step does what is missing at the deal's present state.
func (s *Service) step(ctx context.Context, p *Pull) (outcome, error) {
	order, err := s.orderFor(ctx, p.Pool, p.Deal)
	if errors.Is(err, pdx.ErrNotFound) {
		return done, nil // its hint was another pool's
	}
	if err != nil {
		return retries, err
	}
	deal, err := s.ledger.Deal(ctx, p.Deal)
	if err != nil {
		return retries, err
	}
	p.Seller, p.Root, p.Size = deal.Seller, deal.Dataset.Root, deal.Dataset.Size
	switch deal.State {
	case pdx.DealOffered:
		return done, nil // its certification is an event
	case pdx.DealCertified:
		if err := s.hold(ctx, deal, p); err != nil {
			return retries, err
		}
		if err := s.enter(ctx, p, StateHeld); err != nil {
			return retries, err
		}
		return s.acknowledge(ctx, deal, p)
	case pdx.DealAcked:
		if err := s.hold(ctx, deal, p); err != nil {
			return retries, err
		}
		return waits, s.enter(ctx, p, StateAcked)
	case pdx.DealDelivered, pdx.DealFinal:
		return s.receive(ctx, deal, order, p)
	}
	if _, known := s.board.get(deal.ID); !known {
		return done, nil // it ended before it concerned this buyer
	}
	return s.end(ctx, p, State(deal.State))
}

// receive opens a delivered dataset, once, and ends the deal when the chain did.
func (s *Service) receive(ctx context.Context, deal pdx.Deal, order Order, p *Pull) (outcome, error) {
	if p.Opened == nil {
		if err := s.hold(ctx, deal, p); err != nil {
			return retries, err
		}
		if err := s.enter(ctx, p, StateDelivered); err != nil {
			return retries, err
		}
		opened, err := s.open(ctx, deal, order)
		if err != nil {
			return retries, err
		}
		p.Opened = &opened
	}
	if deal.State == pdx.DealFinal {
		return s.end(ctx, p, StateFinal)
	}
	return waits, s.enter(ctx, p, StateOpened)
}

// end records that nothing more will come, then lets go of the ciphertext.
func (s *Service) end(ctx context.Context, p *Pull, state State) (outcome, error) {
	if !s.board.shares(*p) {
		if err := s.blobs.Delete(ctx, p.Root); err != nil {
			return retries, err
		}
	}
	p.Held = 0
	if err := s.enter(ctx, p, state); err != nil {
		return retries, err
	}
	s.hints.pool(p.Pool) // the pool's key may have served its time
	return done, nil
}

// enter remembers and shows a new state; nothing stands in the way any more.
func (s *Service) enter(ctx context.Context, p *Pull, state State) error {
	if was, ok := s.board.get(p.Deal); ok && was.State == state && was.Reason == "" && was.Opened == p.Opened {
		return nil
	}
	p.State, p.Reason = state, ""
	if err := s.pulls.Put(ctx, p.Deal.String(), *p); err != nil {
		return fmt.Errorf("remember deal %v: %w", p.Deal, err)
	}
	s.board.set(*p)
	return nil
}

// explain shows why a step failed and says when to try again.
func (s *Service) explain(ctx context.Context, p Pull, err error) outcome {
	if ctx.Err() != nil {
		return retries
	}
	var broken *brokenError
	o := retries
	switch {
	case errors.Is(err, errTurn):
		return yields
	case errors.As(err, &broken):
		p.State, p.Reason, p.Evidence, o = StateFailed, broken.Error(), &broken.evidence, done
	case diskFull(err):
		p.State, p.Reason, o = StatePaused, "the disk is full: free some space; it goes on by itself", full
	case ownTrouble(err):
		p.State, p.Reason, o = StatePaused, err.Error(), full
	default:
		p.Reason = err.Error()
	}
	// What is only shown is found out again after a restart; a verdict is not shown
	// before it is on disk.
	if put := s.pulls.Put(ctx, p.Deal.String(), p); put != nil && o == done {
		p.State, p.Reason, p.Evidence, o = StatePaused, put.Error(), nil, full
	}
	s.board.set(p)
	s.log.WarnContext(ctx, "deal does not go on", "deal_id", p.Deal, "state", p.State, "error", err)
	return o
}

// ownTrouble tells whether this machine, and not another, is in the way.
func ownTrouble(err error) bool {
	return errors.Is(err, ErrForeignFile) || errors.Is(err, ErrNoKey) || errors.Is(err, errFolder)
}
