package validator

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/exchange/seal"
)

// Validate checks the deal of a request and returns when the verdict is on
// chain. An error means that there is no verdict: Retry reports whether to ask
// again, and its text is fit for the asker. report is called from one goroutine
// at a time and must not block for long. The work ends with ctx, except for a
// certificate already on its way: then Validate returns, and the certificate goes on.
func (s *Service) Validate(ctx context.Context, req Request, report func(pdx.Progress)) (pdx.Verdict, error) {
	work, leave, err := s.life.Enter(ctx)
	if err != nil {
		return pdx.Verdict{}, ErrStopped
	}
	a := &answer{service: s, req: req, began: time.Now(), over: make(chan struct{})}
	certifying := false
	defer func() { // also when a check panics
		if !certifying {
			a.letGo()
			leave()
		}
	}()
	deal, record, err := a.find(work, report)
	if err != nil {
		a.letGo() // first: the sweep may have to look at the deal
		a.end(work, pdx.Verdict{}, err, explain(work, err))
	}
	if a.ended() {
		return a.verdict, a.err
	}
	certifying = true
	go func() { // leave covers it
		defer leave()
		a.certify(work, deal, record)
	}()
	select {
	case <-a.over:
		return a.verdict, a.err
	case <-ctx.Done():
		return pdx.Verdict{}, errGone
	}
}

// answer is the answering of one request.
type answer struct {
	service *Service
	req     Request
	began   time.Time
	held    []func() // to be called at the end, the last one first

	over    chan struct{} // closed at the end; then the next two are set
	verdict pdx.Verdict
	err     error
}

// find brings about a verdict that is recorded and has yet to be certified. One
// that is on chain already ends the answer.
func (a *answer) find(ctx context.Context, report func(pdx.Progress)) (pdx.Deal, Record, error) {
	s := a.service
	ticket, err := s.queue.admit(a.req.Asker, a.req.Deal)
	if err != nil {
		return pdx.Deal{}, Record{}, err
	}
	a.held = append(a.held, ticket.leave)
	release, err := s.deals.Take(ctx, a.req.Deal)
	if err != nil {
		return pdx.Deal{}, Record{}, err
	}
	a.held = append(a.held, release)

	deal, err := s.askProven(ctx, a.req)
	if err != nil {
		return pdx.Deal{}, Record{}, err
	}
	if v, ok := s.answered(ctx, deal); ok {
		a.end(ctx, v, nil, nil)
		return deal, Record{}, nil
	}
	s.duties.asked(deal)
	record, err := s.judged(ctx, deal)
	if errors.Is(err, pdx.ErrNotFound) {
		record, err = s.judge(ctx, deal, a.req, report)
	}
	if err != nil {
		return pdx.Deal{}, Record{}, err
	}
	ticket.settle() // before the asker hears that there is a place for its next
	report(pdx.Progress{Stage: pdx.StageCertifying, Verdict: record.Verdict})
	return deal, record, nil
}

func (a *answer) certify(ctx context.Context, deal pdx.Deal, record Record) {
	v, err := a.service.certify(ctx, deal, record)
	a.letGo()
	told := err
	if err != nil && a.service.life.Context().Err() != nil {
		told = ErrStopped
	}
	a.end(ctx, v, err, told)
}

// end notes what came of the request; told is what the asker hears of err.
func (a *answer) end(ctx context.Context, v pdx.Verdict, err, told error) {
	s := a.service
	log := s.log.With("deal_id", a.req.Deal, "peer_id", a.req.Peer, "duration", time.Since(a.began))
	if errors.Is(err, pdx.ErrWrongState) {
		s.happened(a.req.Deal) // the deal may have ended while it was held here
	}
	if err != nil {
		s.duties.failed(a.req.Deal, told)
		log.LogAttrs(ctx, slog.LevelInfo, "validation ended without a verdict", causeOf(err))
	} else {
		log.InfoContext(ctx, "deal was validated", "accepted", v.Accepted, "reason", v.Reason)
	}
	a.verdict, a.err = v, told
	close(a.over)
}

// ended reports whether verdict and err are set.
func (a *answer) ended() bool {
	select {
	case <-a.over:
		return true
	default:
		return false
	}
}

func (a *answer) letGo() {
	for _, release := range slices.Backward(a.held) {
		release()
	}
	a.held = nil
}

// judge checks the dataset from its opening on and records the verdict.
func (s *Service) judge(ctx context.Context, deal pdx.Deal, req Request, report func(pdx.Progress)) (Record, error) {
	record := recordOf(deal)
	key, reason, err := s.open(deal, req)
	if err != nil {
		return Record{}, err
	}
	if reason != 0 {
		return s.conclude(ctx, deal, record, judgement{report: blame(deal, reason)})
	}
	free, err := s.queue.work(ctx, req.Asker, report)
	if err != nil {
		return Record{}, err
	}
	defer free()
	ctx, cancel := context.WithTimeoutCause(ctx, duration(deal.Dataset.Size), errTooSlow)
	defer cancel()
	record, err = s.examine(ctx, deal, record, key, req, report)
	if err != nil && ctx.Err() != nil && !ofOthers(err) {
		err = context.Cause(ctx)
	}
	return record, err
}

// examine is what a worker does: gather what is needed, then check.
func (s *Service) examine(
	ctx context.Context, deal pdx.Deal, record Record, key *seal.Key, req Request, report func(pdx.Progress),
) (Record, error) {
	if err := s.reserve(ctx, record); err != nil {
		return Record{}, err
	}
	// A seller that drips bytes must not make a drawn validator miss its duty.
	gather, cancel := s.untilLast(ctx, deal)
	defer cancel()
	r, err := s.rules(gather, deal, &record)
	if err != nil && len(record.Sizes) > 0 { // what was fetched in vain counts by its size
		if put := s.put(context.WithoutCancel(ctx), record); put != nil {
			return Record{}, put
		}
	}
	if errors.Is(err, criteria.ErrFields) {
		return s.conclude(ctx, deal, record, judgement{report: blameFields(deal)})
	}
	if err != nil {
		return Record{}, gathered(gather, err)
	}
	defer s.criteria.give(r)
	// Two deals of different pools may share a ciphertext: one pulls, the other finds it.
	release, err := s.roots.Take(ctx, deal.Dataset.Root)
	if err != nil {
		return Record{}, err
	}
	defer release()
	m, err := s.matching(ctx, deal)
	if err != nil {
		return Record{}, err
	}
	found, err := s.pullAndCheck(ctx, gather, intake{deal: deal, key: key, rules: r, from: req.Peer, report: report}, &m)
	if err != nil {
		return Record{}, err
	}
	if found, err = s.match(gather, deal, m, found); err != nil {
		return Record{}, gathered(gather, err)
	}
	return s.conclude(ctx, deal, record, found)
}

// conclude records the verdict before anything is sent, so that a crash does
// not cost the check.
func (s *Service) conclude(ctx context.Context, deal pdx.Deal, record Record, found judgement) (Record, error) {
	v := s.verdictOf(deal.ID, found)
	record.Verdict, record.Facts = &v, s.facts(deal)
	if record.Set, record.Compared = found.set, found.compared; !found.set.IsZero() {
		record.Digest = found.digest
	}
	return record, s.put(ctx, record)
}
