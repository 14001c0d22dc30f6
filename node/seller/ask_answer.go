package seller

import (
	"errors"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/backoff"
)

// inquire opens the dataset's key to the validator and waits for its verdict.
func (s *Service) inquire(in *inquiry) (Check, error) {
	q := in.queue
	request, err := s.request(in.ctx, in.sale, q.validator)
	if err != nil {
		return Check{}, err
	}
	var stage pdx.Stage
	verdict, err := s.validators.Ask(in.ctx, q.validator, request, func(p pdx.Progress) {
		q.progress(in, p)
		if p.Stage != stage { // bytes within a stage are not shown
			stage = p.Stage
			s.show(in.sale.ID, Check{Validator: q.validator, Stage: stage, Message: clip(p.Message)})
		}
	})
	if err != nil {
		return Check{}, err
	}
	check := Check{
		Validator: q.validator, Stage: pdx.StageDone, Accepted: verdict.Accepted, Message: verdictMessage(verdict.Accepted, verdict.Reason),
		Findings: verdict.Findings[:min(len(verdict.Findings), maxCheckFindings)],
	}
	if verdict.Pending {
		check.Stage = pdx.StageCertifying
	}
	return check, nil
}

// note records a verdict and its reasons durably, and shows everything else. What
// could not be recorded is asked for again.
func (q *askQueue) note(in *inquiry, check Check, err error) Check {
	switch {
	case errors.Is(err, pdx.ErrRefused):
		check = Check{Validator: q.validator, Stage: StageRefused, Message: clip(err.Error())}
	case err != nil:
		check = Check{Validator: q.validator, Stage: StageWaiting, Message: clip(err.Error())}
	}
	if errors.Is(err, ErrUnreachable) {
		q.tell(check)
	}
	if check.Stage != pdx.StageDone && len(check.Findings) == 0 {
		q.service.show(in.sale.ID, check)
		return check
	}
	if err := in.worker.noteCheck(in.ctx, check); err != nil {
		return Check{}
	}
	in.worker.wake() // the chain has news
	return check
}

// learn says what an answer means for the validator and for the inquiry. The
// caller holds mu.
func (q *askQueue) learn(in *inquiry, check Check, err error) {
	now := time.Now()
	var busy *BusyError
	switch {
	case err == nil && check.Stage == pdx.StageCertifying:
		q.pace.answered()
		in.told = true
		in.due = now.Add(backoff.Jitter(pendingPause)) // in case it does not get into a block
	case err == nil:
		q.pace.answered()
		in.due = now.Add(retryPause.Spread(0)) // in case it could not be recorded
	case errors.Is(err, pdx.ErrRefused):
		q.pace.answered()
		in.due = now.Add(backoff.Jitter(refusedPause))
	case errors.As(err, &busy):
		q.pace.heard(busy.Slots)
		q.pace.refused(now, in.epoch, busy.After)
	case errors.Is(err, ErrUnreachable):
		q.pace.unreachable(now, in.epoch)
		in.due = now.Add(retryPause.Spread(in.tries)) // another deal is the next probe
		in.tries++
	case q.pace.slots == 0 && !in.began && errors.Is(err, pdx.ErrUnavailable):
		// An older validator does not say which of its failures are for want of a slot.
		q.pace.refused(now, in.epoch, 0)
	default:
		in.due = now.Add(retryPause.Spread(in.tries))
		in.tries++
	}
}

// tell shows for every sale that waits for the validator what keeps it waiting.
func (q *askQueue) tell(check Check) {
	q.mu.Lock()
	sales := make([]string, 0, q.ready.Len())
	for _, in := range q.ready.list {
		sales = append(sales, in.sale.ID)
	}
	q.mu.Unlock()
	for _, id := range sales {
		q.service.show(id, check)
	}
}
