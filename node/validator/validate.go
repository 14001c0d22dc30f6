package validator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/criteria"
	"github.com/medibloc/pdx/transfer/seal"
)

// Validate checks the deal of a request and returns when the verdict is on
// chain. An error means that there is no verdict: Retry tells whether to ask
// again, and its text is fit for the asker. report is called from one goroutine
// at a time and must not block for long. The work ends with ctx, except for a
// certificate already on its way.
func (s *Service) Validate(ctx context.Context, req Request, report func(Progress)) (Verdict, error) {
	ctx, leave, err := s.enter(ctx)
	if err != nil {
		return Verdict{}, err
	}
	defer leave()
	began := time.Now()
	v, err := s.validate(ctx, req, report)
	log := s.log.With("deal_id", req.Deal, "peer_id", req.Peer, "duration", time.Since(began))
	if errors.Is(err, pdx.ErrWrongState) {
		s.happened(req.Deal) // the deal may have ended while it was held here
	}
	if err != nil {
		s.duties.failed(req.Deal, explain(ctx, err))
		log.LogAttrs(ctx, slog.LevelInfo, "validation ended without a verdict", causeOf(err))
		return Verdict{}, explain(ctx, err)
	}
	log.InfoContext(ctx, "deal was validated", "accepted", v.Accepted, "reason", v.Reason)
	return v, nil
}

func (s *Service) validate(ctx context.Context, req Request, report func(Progress)) (Verdict, error) {
	ticket, err := s.queue.admit(req.Asker)
	if err != nil {
		return Verdict{}, err
	}
	defer ticket.leave()
	release, err := s.deals.Take(ctx, req.Deal)
	if err != nil {
		return Verdict{}, err
	}
	defer release()

	deal, err := s.ask(ctx, req)
	if err != nil {
		return Verdict{}, err
	}
	if v, ok := s.answered(ctx, deal); ok {
		return v, nil
	}
	s.duties.asked(deal)
	record, err := s.judged(ctx, deal)
	if errors.Is(err, pdx.ErrNotFound) {
		record, err = s.judge(ctx, deal, req, report)
	}
	if err != nil {
		return Verdict{}, err
	}
	ticket.settle() // before the asker hears that there is a place for its next
	report(Progress{Stage: StageCertifying})
	return s.certify(ctx, deal, record)
}

// judge checks the dataset from its opening on and records the verdict.
func (s *Service) judge(ctx context.Context, deal pdx.Deal, req Request, report func(Progress)) (Record, error) {
	record := recordOf(deal)
	key, reason, err := s.open(deal, req)
	if err != nil {
		return Record{}, err
	}
	if reason != 0 {
		return s.conclude(ctx, record, blame(deal, reason))
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
func (s *Service) examine(ctx context.Context, deal pdx.Deal, record Record, key *seal.Key, req Request, report func(Progress)) (Record, error) {
	if err := s.reserve(ctx, record); err != nil {
		return Record{}, err
	}
	// A seller that drips bytes must not make a drawn validator miss its duty.
	gather, cancel := s.untilLast(ctx, deal)
	defer cancel()
	r, err := s.rules(gather, deal)
	if errors.Is(err, criteria.ErrFields) {
		return s.conclude(ctx, record, blameFields(deal))
	}
	if err != nil {
		return Record{}, gathered(gather, err)
	}
	defer s.criteria.give(r)
	record.Documents = r.documents
	// Two deals of different pools may share a ciphertext: one pulls, the other finds it.
	release, err := s.roots.Take(ctx, deal.Dataset.Root)
	if err != nil {
		return Record{}, err
	}
	defer release()
	if err := s.pull(gather, deal, req.Peer, report); err != nil {
		return Record{}, gathered(gather, err)
	}
	found, err := s.check(ctx, deal, key, r, report)
	if err != nil {
		return Record{}, err
	}
	return s.conclude(ctx, record, found)
}

// conclude records the verdict before anything is sent, so that a crash does
// not cost the check.
func (s *Service) conclude(ctx context.Context, record Record, found criteria.Report) (Record, error) {
	v := verdictOf(found)
	record.Verdict = &v
	return record, s.put(ctx, record)
}
