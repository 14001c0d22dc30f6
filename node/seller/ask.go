package seller

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

// asking is the asking of a deal's validators, all at once, each until its
// verdict is on chain. It belongs to one worker.
type asking struct {
	ctx       context.Context
	cancel    context.CancelFunc
	over      sync.WaitGroup // counts inquiries that wait or are in flight
	inquiries map[pdx.Address]*inquiry
}

// ask queues an inquiry for every validator that has not certified. One that
// accepted the deal on chain needs no asking any more.
func (w *worker) ask(ctx context.Context, sale Sale, deal pdx.Deal) error {
	if err := w.noteCertificates(ctx, sale, deal); err != nil {
		return err
	}
	if w.asking == nil {
		w.asking = &asking{inquiries: map[pdx.Address]*inquiry{}}
		w.asking.ctx, w.asking.cancel = context.WithCancel(ctx)
	}
	for _, v := range deal.Validators {
		in, c := w.asking.inquiries[v], certificate(deal, v)
		if in != nil && c != nil {
			in.queue.certified(in, c.Accepted)
		}
		if in != nil || c != nil || !slices.Contains(sale.Validators, v) {
			continue
		}
		w.service.show(sale.ID, Check{Validator: v, Stage: StageWaiting, Message: "waits for a slot of the validator"})
		in = &inquiry{
			worker: w, asking: w.asking, ctx: w.asking.ctx, queue: w.service.askQueue(v), sale: sale, by: deal.DeadlineTime,
		}
		w.asking.inquiries[v] = in
		w.asking.over.Add(1)
		in.queue.add(in)
	}
	return nil
}

// hearOut lets validators that are about to answer say why, and ends the asking:
// the first rejection may end a deal before the reasons have come. Inquiries that
// have not been asked yet are dropped at once.
func (w *worker) hearOut(ctx context.Context) {
	if w.asking == nil {
		return
	}
	for _, in := range w.asking.inquiries {
		in.queue.drop(in)
	}
	over := make(chan struct{})
	go func() { w.asking.over.Wait(); close(over) }()
	grace := time.NewTimer(verdictGrace)
	defer grace.Stop()
	select {
	case <-over:
	case <-grace.C:
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
	for _, in := range w.asking.inquiries {
		in.queue.drop(in)
	}
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
		if sale.check(c.Validator).Stage == pdx.StageDone {
			continue
		}
		err := w.noteCheck(ctx, Check{
			Validator: c.Validator, Stage: pdx.StageDone, Accepted: c.Accepted, Message: verdictMessage(c.Accepted, c.Reason),
		})
		if err != nil {
			return err
		}
	}
	return nil
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

// noteCheck records durably where a validator stands.
func (w *worker) noteCheck(ctx context.Context, check Check) error {
	return w.service.change(ctx, w.sale, func(sale *Sale) { sale.note(check) })
}

// clip cuts text to what is kept.
func clip(text string) string { return text[:min(len(text), maxReason)] }
