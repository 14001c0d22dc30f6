package seller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/attest"
)

// asking is the asking of a deal's validators, all at once, each until it gave a
// verdict. It belongs to one worker.
type asking struct {
	ctx    context.Context
	cancel context.CancelFunc
	over   sync.WaitGroup
	asked  []pdx.Address
}

// ask sees to it that every validator that has not certified is being asked.
func (w *worker) ask(ctx context.Context, sale Sale, deal pdx.Deal) error {
	if err := w.noteCertificates(ctx, sale, deal); err != nil {
		return err
	}
	if w.asking == nil {
		w.asking = &asking{}
		w.asking.ctx, w.asking.cancel = context.WithCancel(ctx)
	}
	for _, v := range deal.Validators {
		if slices.Contains(w.asking.asked, v) || certificate(deal, v) != nil || !slices.Contains(sale.Validators, v) {
			continue
		}
		w.asking.asked = append(w.asking.asked, v)
		w.asking.over.Go(func() { w.askUntilAnswered(w.asking.ctx, sale, v) })
	}
	return nil
}

// hearOut lets validators that are about to answer say why, and ends the asking:
// the first rejection may end a deal before the reasons have come.
func (w *worker) hearOut(ctx context.Context) {
	if w.asking == nil {
		return
	}
	over := make(chan struct{})
	go func() { w.asking.over.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(verdictGrace):
	case <-ctx.Done():
	}
	w.asking.cancel()
	<-over
	w.asking = nil
}

// stopAsking ends all asking and waits for it.
func (w *worker) stopAsking() {
	if w.asking == nil {
		return
	}
	w.asking.cancel()
	w.asking.over.Wait()
	w.asking = nil
}

func certificate(deal pdx.Deal, validator pdx.Address) *pdx.Certificate {
	i := slices.IndexFunc(deal.Certificates, func(c pdx.Certificate) bool { return c.Validator == validator })
	if i < 0 {
		return nil
	}
	return &deal.Certificates[i]
}

// noteCertificates takes verdicts from the chain that were not heard directly.
func (w *worker) noteCertificates(ctx context.Context, sale Sale, deal pdx.Deal) error {
	for _, c := range deal.Certificates {
		if sale.check(c.Validator).Stage == StageDone {
			continue
		}
		err := w.noteCheck(ctx, Check{
			Validator: c.Validator, Stage: StageDone, Accepted: c.Accepted, Message: verdictMessage(c.Accepted, c.Reason),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// askUntilAnswered asks one validator, with growing pauses, until it gave a
// verdict or the asking ends. One that refuses is asked again, but rarely: it
// may have been mistaken, about who asks for example.
func (w *worker) askUntilAnswered(ctx context.Context, sale Sale, validator pdx.Address) {
	for tries := 0; ctx.Err() == nil; tries++ {
		check, err := w.askOnce(ctx, sale, validator)
		wait := retryPause(tries)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, pdx.ErrRefused):
			check, wait = Check{Validator: validator, Stage: StageRefused, Message: clip(err.Error())}, refusedPause
		case err != nil:
			check = Check{Validator: validator, Stage: StageWaiting, Message: clip(err.Error())}
		}
		if err := w.noteCheck(ctx, check); err == nil && check.Stage == StageDone {
			w.wake() // the chain has news
			return
		}
		pause(ctx, wait)
	}
}

func (w *worker) askOnce(ctx context.Context, sale Sale, validator pdx.Address) (Check, error) {
	request, err := w.service.request(ctx, sale, validator)
	if err != nil {
		return Check{}, err
	}
	var stage string
	verdict, err := w.service.validators.Ask(ctx, validator, request, func(p Progress) {
		if p.Stage == stage { // bytes within a stage are not worth a write to disk
			return
		}
		stage = p.Stage
		_ = w.noteCheck(ctx, Check{Validator: validator, Stage: stage, Message: clip(p.Message)}) // the next one will do
	})
	if err != nil {
		return Check{}, err
	}
	return Check{
		Validator: validator, Stage: StageDone, Accepted: verdict.Accepted, Message: verdictMessage(verdict.Accepted, verdict.Reason),
		Findings: verdict.Findings[:min(len(verdict.Findings), maxCheckFindings)],
	}, nil
}

// request opens the dataset's key to one validator.
func (s *Service) request(ctx context.Context, sale Sale, validator pdx.Address) (Request, error) {
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

// noteCheck records where a validator stands; a verdict is not taken back, but
// its reasons may come after the chain told it.
func (w *worker) noteCheck(ctx context.Context, check Check) error {
	return w.service.change(ctx, w.sale, func(sale *Sale) {
		entry := sale.check(check.Validator)
		if entry.Stage != StageDone || check.Stage == StageDone && len(entry.Findings) == 0 {
			*entry = check
		}
	})
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// retryPause doubles from retryFirst to retryMost.
func retryPause(tries int) time.Duration {
	return min(retryFirst<<min(tries, 20), retryMost)
}

// clip cuts text to what is kept.
func clip(text string) string { return text[:min(len(text), maxReason)] }
