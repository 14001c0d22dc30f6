package buyer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/model"
)

// ackQueue gathers deals whose ciphertext is held. It is filled by level: a deal
// that is dropped from it is put back when its step runs again.
type ackQueue struct {
	wake notify.Signal // set when ids is not empty

	mu  sync.Mutex
	ids map[pdx.DealID]struct{}
}

func newAckQueue() *ackQueue {
	return &ackQueue{wake: notify.New(), ids: map[pdx.DealID]struct{}{}}
}

func (q *ackQueue) add(id pdx.DealID) {
	q.mu.Lock()
	q.ids[id] = struct{}{}
	q.mu.Unlock()
	q.wake.Set()
}

func (q *ackQueue) take() []pdx.DealID {
	q.mu.Lock()
	defer q.mu.Unlock()
	ids := make([]pdx.DealID, 0, len(q.ids))
	for id := range q.ids {
		ids = append(ids, id)
	}
	clear(q.ids)
	slices.Sort(ids)
	return ids
}

// ackLoop is the only place that acknowledges, one transaction after the other.
func (s *Service) ackLoop(ctx context.Context) {
	for {
		select {
		case <-s.acks.wake:
		case <-ctx.Done():
			return
		}
		window := time.NewTimer(ackWindow)
		select {
		case <-window.C:
		case <-ctx.Done():
			window.Stop()
			return
		}
		for batch := range slices.Chunk(s.acks.take(), MaxAcks) {
			s.sendAcks(ctx, s.ackable(ctx, batch))
		}
	}
}

// ackable are the deals of a batch that may be acknowledged as the ledger has
// them now. The others are told why and looked at again later.
func (s *Service) ackable(ctx context.Context, batch []pdx.DealID) []pdx.AckedDeal {
	head, err := s.ledger.Head(ctx)
	if err != nil {
		s.postpone(ctx, batch, err)
		return nil
	}
	var deals []pdx.AckedDeal
	for _, id := range batch {
		switch deal, err := s.mayAck(ctx, id, head); {
		case err == nil: // the facts are those of the deal whose ciphertext was found here
			deals = append(deals, pdx.AckedDeal{Deal: id, Facts: attest.FactsOf(s.chainID, deal).Hash()})
		case errors.Is(err, errNotCertified), errors.Is(err, errNotHeld):
			s.schedule.Wake(id) // its step sees to it
		default:
			s.postpone(ctx, []pdx.DealID{id}, err)
		}
	}
	return deals
}

var (
	errNotCertified = fmt.Errorf("%w: the deal is not certified", pdx.ErrWrongState)
	errNotHeld      = fmt.Errorf("%w: the ciphertext is not complete", pdx.ErrWrongState)
	errTooLate      = fmt.Errorf("%w: too little time is left before the deadline to acknowledge", pdx.ErrWrongState)
)

func (s *Service) mayAck(ctx context.Context, id pdx.DealID, head pdx.Head) (pdx.Deal, error) {
	deal, err := s.ledger.Deal(ctx, id)
	if err != nil {
		return deal, err
	}
	if deal.State != pdx.DealCertified {
		return deal, errNotCertified
	}
	if !s.proofs.certified(deal) { // its step proves it
		return deal, errNotCertified
	}
	complete, err := s.held(ctx, deal, &model.Pull{})
	if err != nil {
		return deal, err
	}
	if !complete {
		return deal, errNotHeld
	}
	return deal, inTime(deal, head)
}

// inTime reports whether an ack sent now gets into a block before the deadline,
// which passes when both its height and its time have. The margins shrink with short
// deadlines.
func inTime(deal pdx.Deal, head pdx.Head) error {
	spare, blocks := ackMarginTime, int64(ackMarginBlocks)
	for _, step := range deal.History {
		if step.State == pdx.DealCertified {
			spare = min(spare, deal.DeadlineTime.Sub(step.Time)/10)
			blocks = min(blocks, (deal.DeadlineHeight-step.Height)/10)
		}
	}
	if head.Height+blocks >= deal.DeadlineHeight && !head.Time.Add(spare).Before(deal.DeadlineTime) {
		return errTooLate
	}
	return nil
}

// sendAcks acknowledges all these deals. A refused batch is halved, so that one
// bad deal costs a few transactions and stops no other.
func (s *Service) sendAcks(ctx context.Context, deals []pdx.AckedDeal) {
	if len(deals) == 0 || ctx.Err() != nil {
		return
	}
	ids := make([]pdx.DealID, len(deals))
	for i, d := range deals {
		ids[i] = d.Deal
	}
	err := s.ledger.Ack(ctx, deals)
	switch {
	case err == nil:
		for _, id := range ids {
			s.schedule.Wake(id)
		}
	case len(ids) == 1 || errors.Is(err, pdx.ErrUnavailable) || errors.Is(err, pdx.ErrNoFunds):
		s.postpone(ctx, ids, fmt.Errorf("acknowledge: %w", err))
	default:
		half := len(ids) / 2
		s.sendAcks(ctx, s.ackable(ctx, ids[:half]))
		s.sendAcks(ctx, s.ackable(ctx, ids[half:]))
	}
}

// postpone shows why deals are not acknowledged; their steps put them back in
// the queue later.
func (s *Service) postpone(ctx context.Context, ids []pdx.DealID, err error) {
	if ctx.Err() != nil {
		return
	}
	for _, id := range ids {
		s.feed.reason(id, model.PullHeld, err.Error())
		s.schedule.WakeAfter(id, ackRetry)
	}
	s.log.WarnContext(ctx, "deals are not acknowledged yet", "deals", len(ids), "error", err)
}
