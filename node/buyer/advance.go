package buyer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/workqueue"
	"github.com/medibloc/pdx/node/buyer/internal/output"
	"github.com/medibloc/pdx/node/model"
)

// advance takes a deal as far as it goes now, in a class of the schedule.
func (s *Service) advance(ctx context.Context, in workqueue.Class, id pdx.DealID, pool pdx.PoolID) outcome {
	p, ok, err := s.known(ctx, id)
	if !ok {
		p = model.Pull{Deal: id, Pool: pool, State: model.PullCertified}
	}
	if p.State.Done() {
		return done
	}
	o := retries
	if err == nil {
		o, err = s.step(ctx, in, &p)
	}
	if err == nil {
		return o
	}
	if in == classOpen && o == retries {
		o = hurries // a dispute is running, or that is not known
	}
	return s.explain(ctx, p, o, err)
}

// step does what is missing at the deal's present state.
func (s *Service) step(ctx context.Context, in workqueue.Class, p *model.Pull) (outcome, error) {
	order, err := s.orderFor(ctx, p.Pool, p.Deal)
	if errors.Is(err, pdx.ErrNotFound) {
		return done, nil // its hint was another pool's
	}
	if err != nil {
		return retries, err
	}
	deal, ready, err := s.read(ctx, p.Deal)
	if err != nil {
		return retries, err
	}
	if !ready {
		return polls, nil
	}
	p.Seller, p.Root, p.Size = deal.Seller, deal.Dataset.Root, deal.Dataset.Size
	switch deal.State {
	case pdx.DealOffered:
		return done, nil // its certification is an event
	case pdx.DealCertified:
		if err := s.keyIsHere(ctx, deal.BuyerKey); err != nil {
			return retries, err
		}
		if o, err := s.holdOrJoin(ctx, deal, p); o != done || err != nil {
			return s.unheld(ctx, deal, p, o, err)
		}
		if err := s.enter(ctx, p, model.PullHeld); err != nil {
			return retries, err
		}
		return s.acknowledge(ctx, deal, p)
	case pdx.DealAcked:
		if o, err := s.holdOrJoin(ctx, deal, p); o != done || err != nil {
			return o, err
		}
		return waits, s.enter(ctx, p, model.PullAcked)
	case pdx.DealDelivered, pdx.DealFinal:
		return s.receive(ctx, in, deal, order, p)
	}
	if _, known := s.feed.get(deal.ID); !known {
		return done, nil // it ended before it concerned this buyer
	}
	convicted(p, deal)
	return s.end(ctx, p, model.PullState(deal.State))
}

// receive opens a delivered dataset, once, or complains about it, and ends the
// deal when the chain did.
func (s *Service) receive(ctx context.Context, in workqueue.Class, deal pdx.Deal, order model.PullOrder, p *model.Pull) (outcome, error) {
	if p.Evidence != nil {
		return s.dispute(ctx, in, deal, p)
	}
	if p.Opened == nil || p.Again {
		o, err := s.holdDelivered(ctx, in, deal, p)
		if p.Again && servedByNobody(err) {
			return s.giveUp(ctx, deal, p)
		}
		if o != done || err != nil {
			return o, err
		}
		if err := s.enter(ctx, p, model.PullDelivered); err != nil {
			return hurries, err
		}
		opened, err := s.open(ctx, deal, order)
		if ownTrouble(err) || output.DiskFull(err) {
			err = cmp.Or(s.probe(ctx, deal, p), err) // a fault counts more than the folder
		}
		var broken *brokenError
		if errors.As(err, &broken) {
			return s.accuse(ctx, deal, p, broken.evidence)
		}
		if err != nil {
			return hurries, err
		}
		p.Opened, p.Again = &opened, false
	} else if now, ok := s.feed.get(p.Deal); ok && now.Again { // it was ordered again while the chain was read
		return yields, nil
	}
	if deal.State == pdx.DealFinal {
		return s.end(ctx, p, model.PullFinal)
	}
	return waits, s.enter(ctx, p, model.PullOpened)
}

// holdDelivered makes sure that the ciphertext is here, which it is as a rule. If
// it is not, it is not pulled in the class of those that need no pull. The outcome
// is done when it is here.
func (s *Service) holdDelivered(ctx context.Context, in workqueue.Class, deal pdx.Deal, p *model.Pull) (outcome, error) {
	if in == classOpen {
		complete, err := s.held(ctx, deal, p)
		switch {
		case err != nil:
			return hurries, err
		case !complete:
			return lacks, nil
		}
		return done, nil
	}
	if err := s.hold(ctx, deal, p); err != nil {
		return retries, err
	}
	return done, nil
}

// end records that nothing more will come, then lets go of the ciphertext.
func (s *Service) end(ctx context.Context, p *model.Pull, state model.PullState) (outcome, error) {
	shared, err := s.isShared(ctx, *p)
	if err == nil && !shared {
		err = s.blobs.Delete(ctx, p.Root)
	}
	if err != nil {
		return retries, err
	}
	p.Held = 0
	s.proofs.forget(p.Deal)
	if err := s.note(ctx, p, state, endReason(p, state)); err != nil {
		return retries, err
	}
	s.hints.pool(p.Pool) // the pool's key may have served its time
	return done, nil
}

// enter remembers and shows a new state; nothing stands in the way any more.
func (s *Service) enter(ctx context.Context, p *model.Pull, state model.PullState) error {
	if was, ok := s.feed.get(p.Deal); ok && was.State == state && was.Reason == "" && was.Opened == p.Opened {
		return nil
	}
	return s.note(ctx, p, state, "")
}

// note remembers a state with what is to be said of it, then shows it.
func (s *Service) note(ctx context.Context, p *model.Pull, state model.PullState, reason string) error {
	p.State, p.Reason = state, reason
	p.Ended = time.Time{}
	if state.Done() {
		p.Ended = time.Now().UTC()
	}
	if reason == "" && p.State != model.PullPulling { // a pull that is tried again has not gone on yet
		p.Since = time.Time{}
	}
	if err := s.pulls.Put(ctx, p.Deal.String(), *p); err != nil {
		return fmt.Errorf("remember deal %v: %w", p.Deal, err)
	}
	s.feed.set(*p)
	return nil
}

// explain shows why a step failed and says when to try again.
func (s *Service) explain(ctx context.Context, p model.Pull, o outcome, err error) outcome {
	if ctx.Err() != nil {
		return retries
	}
	if p.Since.IsZero() {
		p.Since = time.Now().UTC()
	}
	switch {
	case errors.Is(err, errTimeSlice):
		return yields
	case output.DiskFull(err):
		p.State, p.Reason, o = model.PullPaused, "the disk is full: free some space; it goes on by itself", full
	case ownTrouble(err):
		p.State, p.Reason, o = model.PullPaused, err.Error(), full
	default:
		p.Reason = err.Error()
	}
	s.feed.set(p)
	s.log.WarnContext(ctx, "deal does not go on", "deal_id", p.Deal, "state", p.State, "error", err)
	// What is only shown is found out again after a restart.
	if put := s.pulls.Put(ctx, p.Deal.String(), p); put != nil {
		s.log.WarnContext(ctx, "cannot remember why", "deal_id", p.Deal, "error", put)
	}
	return o
}

// ownTrouble reports whether this machine, and not another, is in the way.
func ownTrouble(err error) bool {
	return errors.Is(err, output.ErrForeignFile) || errors.Is(err, ErrNoKey) || errors.Is(err, output.ErrFolder)
}
