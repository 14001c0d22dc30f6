package seller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/model"
)

// worker advances one sale.
type worker struct {
	service *Service
	sale    string
	pool    pdx.PoolID
	deal    pdx.DealID        // 0 until known; guarded by the mutex of Service.workers
	news    notify.Signal     // set when there is news
	woken   time.Time         // when a wake was last followed
	group   *inquiryGroup     // of the goroutine that runs
	proven  time.Time         // when its deal was proven last, or its worker began
	gone    bool              // the ciphertext may be gone
	tried   map[string]string // sources that were tried in vain, and their state at that time
}

func newWorker(s *Service, sale model.Sale) *worker {
	return &worker{service: s, sale: sale.ID, pool: sale.Pool, deal: sale.Deal, news: notify.New(), gone: true, proven: time.Now()}
}

// wake makes the worker do its next step soon; it never blocks.
func (w *worker) wake() {
	w.news.Set()
}

// run advances the sale until it is settled or ctx ends.
func (w *worker) run(ctx context.Context) {
	defer w.stopAsking()
	for tries := 0; ctx.Err() == nil; {
		wait, err := w.step(ctx)
		least := stepPause
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			w.fault(ctx, err)
			wait, least = retryPause.Spread(tries), retryPause.First
			tries++
		case wait == never:
			return
		default:
			tries = 0
		}
		w.rest(ctx, wait, least)
	}
}

// never, as a pause, ends the worker.
const never time.Duration = -1

// rest waits for a pause, a wake or the end. Wakes within the least pause after one that
// was followed are one, so that a burst of them costs two steps and their reads of the
// ledger.
func (w *worker) rest(ctx context.Context, wait, least time.Duration) {
	if wait == 0 {
		return
	}
	over := time.After(wait)
	select {
	case <-over:
		return
	case <-w.news:
	case <-ctx.Done():
		return
	}
	select {
	case <-over:
	case <-time.After(least - time.Since(w.woken)):
	case <-ctx.Done():
	}
	w.woken = time.Now()
	select {
	case <-w.news: // of the pause; the step that comes sees it
	default:
	}
}

// step does the one next thing of the sale, and says how long to wait before the
// one after it.
func (w *worker) step(ctx context.Context) (time.Duration, error) {
	s := w.service
	sale, err := s.sales.Get(ctx, w.sale)
	if errors.Is(err, pdx.ErrNotFound) { // its record was damaged and was set aside
		s.feed.sales.Delete(w.sale)
		return never, nil
	}
	if err != nil {
		return 0, err
	}
	s.workers.noteDeal(w, sale.Deal)
	var wait time.Duration
	switch {
	case sale.Settled:
		return never, nil
	case sale.State == model.SaleProjecting:
		wait, err = s.disclose(ctx, sale)
	case sale.State == model.SaleSealing:
		wait, err = s.sealOnce(ctx, sale)
	case sale.State == model.SaleOffering:
		err = s.offer(ctx, sale)
	case sale.State.Ended():
		w.hearOut(ctx)
		return s.settle(ctx, sale)
	default:
		wait, err = w.follow(ctx, sale)
		if err == nil {
			if why := w.servable(ctx, sale); why != nil { // it goes on, but nobody can pull
				w.fault(ctx, why)
				return wait, nil
			}
		}
		if err == nil && sale.Reason != "" { // what it waited for is over
			err = s.change(ctx, sale.ID, func(sale *model.Sale) { sale.Reason = "" })
		}
		return wait, err
	}
	if err != nil && hopeless(err) && ctx.Err() == nil {
		return 0, s.fail(ctx, sale, err)
	}
	return wait, err
}

// follow goes along with a deal that is on chain.
func (w *worker) follow(ctx context.Context, sale model.Sale) (time.Duration, error) {
	s := w.service
	deal, err := s.ledger.Deal(ctx, sale.Deal)
	if err != nil {
		return 0, err
	}
	if sale.Unproven && !deal.State.Ended() {
		if sale, err = s.proveTerms(ctx, sale); err != nil {
			return 0, err
		}
	}
	shown := deal.State
	if s.onTerms(sale, deal) != nil || shown.Ended() || time.Since(w.proven) > proofEvery { // then it matters whether that is true
		if deal, _, err = s.proven(ctx, sale); err != nil {
			return 0, err
		}
		w.proven = time.Now()
	}
	if shown.Ended() && !deal.State.Ended() { // it is proven by the block after it
		return soon, nil
	}
	if state := model.SaleState(deal.State); state != sale.State {
		if err := s.change(ctx, sale.ID, func(sale *model.Sale) { sale.State = state }); err != nil {
			return 0, err
		}
	}
	if deal.State == pdx.DealOffered || deal.State == pdx.DealCertified {
		if sale, err = w.mend(ctx, sale); err != nil && !errors.Is(err, pdx.ErrCorrupt) { // servable shows what is lost
			return 0, err
		}
	}
	if deal.State == pdx.DealOffered {
		return w.open(ctx, sale, deal)
	}
	if !deal.State.Ended() { // else the reasons are heard out first
		w.stopAsking()
	}
	if err := w.noteCertificates(ctx, sale, deal); err != nil {
		return 0, err
	}
	switch {
	case deal.State == pdx.DealCertified:
		return s.awaitAck(ctx, sale, deal)
	case deal.State == pdx.DealAcked:
		return s.deliver(ctx, sale, deal)
	case deal.State.Ended():
		return 0, nil
	}
	return pollEvery, nil
}

// fail ends a sale before anything was offered.
func (s *Service) fail(ctx context.Context, sale model.Sale, why error) error {
	if err := s.letGo(ctx, sale); err != nil {
		return err
	}
	if sale.Tried.IsZero() { // else the chain may yet show that it was offered
		var err error
		if sale, err = s.letGoOfRecords(sale); err != nil {
			return err
		}
	}
	records := sale.Disclosed
	s.log.InfoContext(ctx, "sale failed", slog.String("sale_id", sale.ID), slog.Uint64("pool_id", uint64(sale.Pool)), slog.Any("error", why))
	return s.change(ctx, sale.ID, func(sale *model.Sale) {
		sale.State, sale.Reason, sale.Settled, sale.Disclosed = model.SaleFailed, clip(why.Error()), true, records
	})
}

// fault shows why a sale waits. If even that cannot be written, the log has it.
func (w *worker) fault(ctx context.Context, why error) {
	s := w.service
	reason := clip(why.Error())
	if errors.Is(why, pdx.ErrNoFunds) {
		reason = clip(fmt.Sprintf("waits for funds on %s: %v", s.account, why))
	}
	s.log.WarnContext(ctx, "sale waits", slog.String("sale_id", w.sale), slog.Uint64("pool_id", uint64(w.pool)),
		slog.Uint64("deal_id", uint64(s.workers.dealOf(w))), slog.Any("error", why))
	if shown, _ := s.feed.sales.Get(w.sale); shown.Reason == reason {
		return
	}
	if err := s.change(ctx, w.sale, func(sale *model.Sale) { sale.Reason = reason }); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "sale not recorded", slog.String("sale_id", w.sale), slog.Any("error", err))
	}
}

// change records a change of a sale and shows it to everybody who looks.
func (s *Service) change(ctx context.Context, id string, change func(*model.Sale)) error {
	// The lock keeps what is shown in the order of what was written.
	s.changesMu.Lock()
	defer s.changesMu.Unlock()
	sale, err := s.sales.Update(ctx, id, func(sale model.Sale) (model.Sale, error) {
		s.feed.overlay(&sale)
		change(&sale)
		sale.Updated = time.Now().UTC()
		return sale, nil
	})
	if err != nil {
		return fmt.Errorf("record sale: %w", err)
	}
	s.feed.set(sale)
	return nil
}

// show shows how far a validator is with a sale. It is kept with the sale's next
// change: a burst of sales would else spend its time on writing what is stale in a
// moment.
func (s *Service) show(id string, check model.Check) {
	s.changesMu.Lock()
	defer s.changesMu.Unlock()
	s.feed.merge(id, check)
}
