package seller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/internal/backoff"
	"github.com/medibloc/pdx/internal/text"
	"github.com/medibloc/pdx/node/model"
)

// inquiryGroup has the inquiries to a deal's validators, all at once, each until its
// verdict is on chain. It belongs to one worker.
type inquiryGroup struct {
	ctx       context.Context //nolint:containedctx // ends with the deal
	cancel    context.CancelFunc
	over      sync.WaitGroup // counts inquiries that wait or are in flight
	inquiries map[pdx.Address]*inquiry
	// named are the deal's validators as the chain proves them: nothing is opened to others.
	named []pdx.Address
}

// open asks the validators of an offered deal once it is proven who they are: whoever is asked
// learns the dataset, so an endpoint must not choose them.
func (w *worker) open(ctx context.Context, sale model.Sale, deal pdx.Deal) (time.Duration, error) {
	if err := w.noteCertificates(ctx, sale, deal); err != nil {
		return 0, err
	}
	if w.group != nil {
		w.ask(ctx, sale, deal, w.group.named)
		return pollEvery, nil
	}
	if deal.Undrawn() {
		return pollEvery, nil
	}
	proven, head, err := w.service.proven(ctx, sale)
	switch offered := deal.Entered(pdx.DealOffered).Height; {
	case errors.Is(err, pdx.ErrNotFound) && offered >= head.Height && offered <= head.Height+proofLag:
		return soon, nil // it is proven by the block after it
	case err != nil:
		return 0, err
	case proven.Undrawn():
		return soon, nil
	}
	w.proven = time.Now()
	w.ask(ctx, sale, deal, proven.Validators)
	return pollEvery, nil
}

// ask queues an inquiry for every named validator that has not certified. One that
// accepted the deal on chain needs no asking any more.
func (w *worker) ask(ctx context.Context, sale model.Sale, deal pdx.Deal, named []pdx.Address) {
	if w.group == nil {
		w.group = &inquiryGroup{inquiries: map[pdx.Address]*inquiry{}, named: named}
		w.group.ctx, w.group.cancel = context.WithCancel(ctx)
	}
	for _, v := range named {
		in, c := w.group.inquiries[v], certificate(deal, v)
		if in != nil && c != nil {
			in.queue.certified(in, c.Accepted)
		}
		if in != nil || c != nil || !slices.Contains(sale.Validators, v) {
			continue
		}
		w.service.show(sale.ID, model.Check{Validator: v, Stage: model.StageWaiting, Message: "waits for a slot of the validator"})
		in = &inquiry{
			worker: w, group: w.group, ctx: w.group.ctx, queue: w.service.askQueue(v), sale: sale, by: deal.DeadlineTime,
		}
		w.group.inquiries[v] = in
		w.group.over.Add(1)
		in.queue.add(in)
	}
}

// hearOut lets validators that are about to answer say why, and ends the asking:
// the first rejection may end a deal before the reasons have come. Inquiries that
// have not been asked yet are dropped at once.
func (w *worker) hearOut(ctx context.Context) {
	if w.group == nil {
		return
	}
	for _, in := range w.group.inquiries {
		in.queue.drop(in)
	}
	over := make(chan struct{})
	go func() { w.group.over.Wait(); close(over) }()
	grace := time.NewTimer(verdictGrace)
	defer grace.Stop()
	select {
	case <-over:
	case <-grace.C:
	case <-ctx.Done():
	}
	w.group.cancel()
	<-over
	w.group = nil
}

// stopAsking ends all asking and waits for it.
func (w *worker) stopAsking() {
	if w.group == nil {
		return
	}
	w.group.cancel()
	for _, in := range w.group.inquiries {
		in.queue.drop(in)
	}
	w.group.over.Wait()
	w.group = nil
}

func certificate(deal pdx.Deal, validator pdx.Address) *pdx.Certificate {
	i := slices.IndexFunc(deal.Certificates, func(c pdx.Certificate) bool { return c.Validator == validator })
	if i < 0 {
		return nil
	}
	return &deal.Certificates[i]
}

// noteCertificates takes verdicts from the chain that were not heard directly.
func (w *worker) noteCertificates(ctx context.Context, sale model.Sale, deal pdx.Deal) error {
	for _, c := range deal.Certificates {
		if checkBy(&sale, c.Validator).Stage == pdx.StageDone {
			continue
		}
		err := w.noteCheck(ctx, model.Check{
			Validator: c.Validator, Stage: pdx.StageDone, Accepted: c.Accepted, Message: verdictMessage(c.Accepted, c.Reason),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// request opens the dataset's key to one validator.
func (s *Service) request(ctx context.Context, sale model.Sale, validator pdx.Address) (Request, error) {
	key, err := s.datasetKey(ctx, *sale.Dataset)
	if err != nil {
		return Request{}, err
	}
	terms := attest.OpenDataset{ChainID: s.chainID, Deal: sale.Deal, Validator: validator}
	proof, err := key.ProveOpening(terms.Hash())
	if err != nil {
		return Request{}, fmt.Errorf("prove the opening: %w", err)
	}
	return Request{Deal: sale.Deal, Opening: key.Opening(), Proof: proof}, nil
}

// noteCheck records durably where a validator stands.
func (w *worker) noteCheck(ctx context.Context, check model.Check) error {
	return w.service.change(ctx, w.sale, func(sale *model.Sale) { mergeCheck(sale, check) })
}

// clip makes a text that may quote a peer fit to be kept with a sale.
func clip(s string) string { return text.Clean(s, maxReason) }

// inquire opens the dataset's key to the validator and waits for its verdict.
func (s *Service) inquire(in *inquiry) (model.Check, error) {
	q := in.queue
	request, err := s.request(in.ctx, in.sale, q.validator)
	if err != nil {
		return model.Check{}, err
	}
	var stage pdx.Stage
	verdict, err := s.validators.Ask(in.ctx, q.validator, request, func(p pdx.Progress) {
		q.progress(in, p)
		if p.Stage != stage { // bytes within a stage are not shown
			stage = p.Stage
			s.show(in.sale.ID, model.Check{Validator: q.validator, Stage: stage, Message: clip(p.Message)})
		}
	})
	if err != nil {
		return model.Check{}, err
	}
	check := model.Check{
		Validator: q.validator, Stage: pdx.StageDone, Accepted: verdict.Accepted, Message: verdictMessage(verdict.Accepted, verdict.Reason),
		Findings: verdict.Findings[:min(len(verdict.Findings), maxCheckFindings)], Total: verdict.Total,
	}
	if verdict.Pending {
		check.Stage = pdx.StageCertifying
	}
	return check, nil
}

// note records a verdict and its reasons durably, and shows everything else. What
// could not be recorded is asked for again.
func (q *askQueue) note(in *inquiry, check model.Check, err error) model.Check {
	switch {
	case errors.Is(err, pdx.ErrRefused):
		check = model.Check{Validator: q.validator, Stage: model.StageRefused, Message: clip(err.Error())}
	case err != nil:
		check = model.Check{Validator: q.validator, Stage: model.StageWaiting, Message: clip(err.Error())}
	}
	if errors.Is(err, ErrUnreachable) {
		q.tell(check)
	}
	if check.Stage != pdx.StageDone && len(check.Findings) == 0 {
		q.service.show(in.sale.ID, check)
		return check
	}
	if err := in.worker.noteCheck(in.ctx, check); err != nil {
		return model.Check{}
	}
	in.worker.wake() // the chain has news
	return check
}

// learn says what an answer means for the validator and for the inquiry. The
// caller holds mu.
func (q *askQueue) learn(in *inquiry, check model.Check, err error) {
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
func (q *askQueue) tell(check model.Check) {
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
