package buyer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/lifecycle"
	"github.com/medibloc/pdx/node/model"
)

// batches gather small deals that wait to be pulled, by seller, so that those of
// one seller are pulled together. A batch only brings ciphertexts: what becomes of
// each deal is the business of its step, which finds the ciphertext here or pulls
// it by itself.
type batches struct {
	slots chan struct{} // of the batches that are pulled at once

	mu      sync.Mutex
	waiting map[pdx.Address]*gathering // one with a goroutine that pulls for it
	alone   map[pdx.DealID]struct{}    // to be pulled by themselves next
}

// gathering is what waits to be pulled from one seller.
type gathering struct {
	deal    pdx.Deal // the last that joined; it says where to ask
	parcels []parcel
}

// parcel is a deal that waits for its ciphertext.
type parcel struct {
	pull model.Pull
	from []pdx.Address // who should have it
}

func newBatches(parallel int) *batches {
	return &batches{
		slots: make(chan struct{}, parallel), waiting: map[pdx.Address]*gathering{}, alone: map[pdx.DealID]struct{}{},
	}
}

// add gathers a deal; first tells that nobody pulls for its seller yet.
func (b *batches) add(deal pdx.Deal, p model.Pull) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.waiting[deal.Seller]
	if first = g == nil; first {
		g = &gathering{}
		b.waiting[deal.Seller] = g
	}
	g.deal = deal
	g.parcels = append(g.parcels, parcel{p, vouched(deal)})
	return first
}

// take is the next batch of a seller. When there is none nobody pulls for it any
// more.
func (b *batches) take(seller pdx.Address) (deal pdx.Deal, batch []parcel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.waiting[seller]
	n, bytes := 0, uint64(0)
	for ; n < min(len(g.parcels), MaxBatch) && bytes < batchBytes; n++ {
		bytes += g.parcels[n].pull.Size
	}
	if n == 0 {
		delete(b.waiting, seller)
		return deal, nil
	}
	batch = g.parcels[:n:n]
	g.parcels = g.parcels[n:]
	return g.deal, batch
}

// byItself notes that a deal is pulled by itself next.
func (b *batches) byItself(deal pdx.DealID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alone[deal] = struct{}{}
}

// goesAlone reports whether a deal is to be pulled alone next.
func (b *batches) goesAlone(deal pdx.DealID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, alone := b.alone[deal]
	delete(b.alone, deal)
	return alone
}

// join has the ciphertext of a deal pulled together with others'. It is false when
// the deal is to be pulled by itself: it is large, a batch has failed it, or
// nothing else waits and it had better not wait either.
func (s *Service) join(deal pdx.Deal, p model.Pull) bool {
	if deal.Dataset.Size > SmallBlob || s.batches.goesAlone(deal.ID) || !s.schedule.Backlog(classPull) {
		return false
	}
	s.schedule.Park(deal.ID)
	if s.batches.add(deal, p) {
		s.life.Go(func(ctx context.Context) { s.pullBatches(ctx, deal.Seller) })
	}
	return true
}

// pullBatches pulls what is gathered of a seller until there is nothing more.
func (s *Service) pullBatches(ctx context.Context, seller pdx.Address) {
	for {
		_ = lifecycle.Sleep(ctx, batchWindow)
		deal, batch := s.batches.take(seller)
		if len(batch) == 0 {
			return
		}
		select {
		case s.batches.slots <- struct{}{}:
			s.pullBatch(ctx, deal, batch)
			<-s.batches.slots
		case <-ctx.Done():
		}
		for _, p := range batch {
			s.schedule.Release(p.pull.Deal)
		}
	}
}

// pullBatch pulls a batch and notes which deals are to be pulled by themselves: all,
// when nothing came, and those that a source does not give. What was cut short is
// pulled in another batch.
func (s *Service) pullBatch(ctx context.Context, deal pdx.Deal, batch []parcel) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeSlice, errTimeSlice)
	defer cancel()
	began := time.Now()
	failed, err := s.bring(ctx, deal, batch)
	came := len(batch) - len(failed)
	if err != nil {
		came = 0
	}
	for _, p := range batch {
		if why := failed[p.pull.Deal]; came == 0 || denied(why) {
			s.batches.byItself(p.pull.Deal)
		}
	}
	s.log.DebugContext(ctx, "batch pulled", "seller", deal.Seller,
		"deals", len(batch), "came", came, "duration", time.Since(began), "error", err)
}

// denied reports whether a source does not give what another may.
func denied(err error) bool {
	return errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrRefused) ||
		errors.Is(err, pdx.ErrCorrupt) || errors.Is(err, pdx.ErrInvalid)
}

// bring asks one source of a batch after the other, and tells which deals'
// ciphertexts are not here then, and why. That they are pulled is on disk before.
func (s *Service) bring(ctx context.Context, deal pdx.Deal, batch []parcel) (failed map[pdx.DealID]error, err error) {
	found, err := s.finder.Sources(ctx, deal)
	if err != nil {
		return nil, err
	}
	if err := s.enterAll(ctx, batch, model.PullPulling); err != nil {
		return nil, err
	}
	failed = make(map[pdx.DealID]error, len(batch))
	for _, p := range batch {
		failed[p.pull.Deal] = pdx.ErrUnavailable
	}
	for _, source := range holders(vouched(deal), found) {
		var ids []pdx.ContentID
		var asked []parcel
		for _, p := range batch {
			if failed[p.pull.Deal] != nil && slices.Contains(p.from, source.Account) {
				ids, asked = append(ids, p.pull.Root), append(asked, p)
			}
		}
		if len(ids) == 0 {
			continue
		}
		why := s.fetchMany(ctx, source, ids)
		for _, p := range asked {
			if failed[p.pull.Deal] = why[p.pull.Root]; why[p.pull.Root] == nil {
				delete(failed, p.pull.Deal)
			}
		}
	}
	return failed, nil
}

// fetchMany pulls blobs from one source until they are here, or it stalls.
func (s *Service) fetchMany(ctx context.Context, from Source, ids []pdx.ContentID) (failed map[pdx.ContentID]error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errStalled) })
	defer watch.Stop()
	return s.fetcher.FetchMany(ctx, from, ids, func() { watch.Reset(stall) })
}

// enterAll remembers and shows a new state of many deals.
func (s *Service) enterAll(ctx context.Context, batch []parcel, state model.PullState) error {
	next := make(map[string]model.Pull, len(batch))
	for _, p := range batch {
		if p.pull.State != state || p.pull.Reason != "" {
			p.pull.State, p.pull.Reason = state, ""
			next[p.pull.Deal.String()] = p.pull
		}
	}
	if len(next) == 0 {
		return nil
	}
	if err := s.pulls.PutAll(ctx, next); err != nil {
		return fmt.Errorf("remember %d deals: %w", len(next), err)
	}
	for _, p := range next {
		s.feed.set(p)
	}
	return nil
}
