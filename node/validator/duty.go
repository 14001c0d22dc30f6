package validator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/model"
)

// eventDrawn tells that a deal's validators were drawn.
const eventDrawn = "EventDrawn"

// eventPoolStatus tells that a pool has ended.
const eventPoolStatus = "EventPoolStatus"

// dutyLoop sees to it that every deal for which this validator was drawn has a
// verdict of its in time: the chain counts those that have none against it,
// whether their sellers asked or not.
func (s *Service) dutyLoop(ctx context.Context) {
	tick := time.NewTicker(dutyScan)
	defer tick.Stop()
	s.scanDuties(ctx)
	var looked time.Time // at the chain's clock; only the monotonic reading counts
	for ctx.Err() == nil {
		wait := s.duties.next() - time.Since(looked)
		if looked.IsZero() || wait <= 0 {
			s.lookAtDue(ctx)
			looked = time.Now()
			continue
		}
		due := time.NewTimer(wait)
		select {
		case <-due.C:
		case <-s.duties.wake:
			if all := s.lookAtHints(ctx); all {
				looked = time.Time{}
			}
		case <-tick.C:
			s.scanDuties(ctx)
		case <-ctx.Done():
		}
		due.Stop()
	}
}

// lookAtDue gives the verdicts that are due. When that is the chain's clock says,
// by which the deadline passes: this machine's can be wrong.
func (s *Service) lookAtDue(ctx context.Context) {
	head, err := s.ledger.Head(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.log.WarnContext(ctx, "cannot read the chain's time for the verdicts that are due; trying again", "error", err)
		}
		return
	}
	for _, id := range s.duties.due(head.Time) {
		s.lastChance(ctx, id, head.Time)
	}
}

// scanDuties reads all deals that wait for this validator's verdict.
func (s *Service) scanDuties(ctx context.Context) {
	if err := s.scanBy(ctx, s.ledger); err != nil {
		s.log.WarnContext(ctx, "cannot read the deals that this validator was drawn for; trying again", "error", err)
		s.duties.hintAllAfter(dutyRetry)
		return
	}
	for _, w := range s.witnesses {
		if err := s.scanBy(ctx, w); err != nil {
			s.log.DebugContext(ctx, "an endpoint does not list the deals that this validator was drawn for", "error", err)
		}
	}
}

// scanBy takes up the duties that one reader of the chain knows. Any of them may hide some,
// and what one of them invents is not proven.
func (s *Service) scanBy(ctx context.Context, reader Witness) error {
	filter := pdx.DealFilter{Validator: s.account, State: pdx.DealOffered, NoTexts: true}
	for {
		deals, next, err := reader.Deals(ctx, filter)
		if err != nil {
			return err
		}
		for _, deal := range deals {
			s.note(ctx, deal)
		}
		if next == "" {
			return nil
		}
		filter.Cursor = next
	}
}

// lookAtHints reads the deals that were hinted at, or all of them.
func (s *Service) lookAtHints(ctx context.Context) (all bool) {
	ids, all := s.duties.hinted()
	if all {
		s.scanDuties(ctx)
		return all
	}
	for _, id := range ids {
		deal, err := s.ledger.Deal(ctx, id)
		if err != nil {
			s.log.WarnContext(ctx, "cannot read a deal; trying again", "deal_id", id, "error", err)
			s.duties.hintAllAfter(dutyRetry)
			return all
		}
		s.note(ctx, deal)
	}
	return all
}

// note takes up a duty, or lets go of one that is proven to be done or void.
func (s *Service) note(ctx context.Context, deal pdx.Deal) {
	switch {
	case s.bound(deal):
		s.duties.add(deal)
	case !s.duties.has(deal.ID):
	case s.isDone(ctx, deal.ID):
		s.duties.done(deal.ID)
	default: // it is proven by the block after it
		s.duties.hintAfter(deal.ID, dutyRetry)
	}
}

// bound reports whether the chain waits for this validator's verdict on a deal.
func (s *Service) bound(deal pdx.Deal) bool {
	return deal.State == pdx.DealOffered && deal.Draw != nil && deal.Draw.Height != 0 &&
		slices.Contains(deal.Validators, s.account) && s.certificate(deal) == nil
}

// lastChance gives the verdict on a deal whose time is nearly over: the one that
// was reached and did not get to the chain, or, where others did not serve what
// the check needs, that it was unavailable or which record set was. What this machine failed at is no
// ground for a verdict.
func (s *Service) lastChance(ctx context.Context, id pdx.DealID, now time.Time) {
	release, ok := s.deals.Try(id)
	if !ok { // it is being checked
		s.duties.cut(id)
		s.duties.again(id, now)
		return
	}
	defer release()
	err := s.answerLast(ctx, id)
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a deal for which this validator was drawn has no verdict of its yet",
			slog.Uint64("deal_id", uint64(id)), causeOf(err))
		s.duties.again(id, now)
	}
}

func (s *Service) answerLast(ctx context.Context, id pdx.DealID) error {
	deal, err := s.proven(ctx, id)
	if err != nil {
		return err
	}
	if !s.bound(deal) {
		s.duties.done(id)
		return nil
	}
	record, err := s.judged(ctx, deal)
	if errors.Is(err, pdx.ErrNotFound) {
		var set pdx.RecordSet
		if set, err = s.duties.blameless(id); err == nil {
			record, err = s.conclude(ctx, deal, recordOf(deal), unserved(deal, set))
		}
	}
	if err != nil {
		return err
	}
	v, err := s.certify(ctx, deal, record)
	if err == nil {
		s.log.InfoContext(ctx, "gave the verdict that was due", "deal_id", id, "accepted", v.Accepted, "reason", v.Reason)
	}
	return err
}

// untilLast ends, where this validator was drawn, when its verdict is due.
func (s *Service) untilLast(ctx context.Context, deal pdx.Deal) (context.Context, context.CancelFunc) {
	if !s.bound(deal) {
		return context.WithCancel(ctx)
	}
	ctx, cut := context.WithCancelCause(ctx)
	done := s.duties.gathers(deal, cut)
	return ctx, func() { done(); cut(nil) }
}

// gathered is why the gathering of what a check needs ended: where time was over,
// that of others who did not serve it.
func gathered(gather context.Context, err error) error {
	switch cause := context.Cause(gather); {
	case errors.Is(cause, errLast):
		return errLast
	case errors.Is(cause, errTooSlow):
		return errSlow
	}
	return err
}

// lastCall is when the verdict on a drawn deal is due, by the chain's clock.
func lastCall(deal pdx.Deal) time.Time { return deal.DeadlineTime.Add(-margin(deal)) }

func margin(deal pdx.Deal) time.Duration {
	return min(dutyMost, deal.DeadlineTime.Sub(deal.Entered(pdx.DealOffered).Time)/dutyShare)
}

// Duties are those that are known now, by deadline.
func (s *Service) Duties() []model.Duty { return s.duties.list() }

// errUpBriefly: a seller may have come while this validator was away.
func errUpBriefly(since time.Time) error {
	return ownFault(fmt.Sprintf("its seller did not ask since this validator started, %s by the chain's clock; it may have before",
		message.Time(since)), nil)
}
