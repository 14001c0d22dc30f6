package seller

import (
	"cmp"
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// askQueue holds the inquiries of all sales for one validator and has as many in
// flight as that validator takes. The most urgent deal comes first. It holds one
// timer, whatever waits, and runs nothing while nothing is asked.
type askQueue struct {
	service   *Service
	validator pdx.Address

	mu      sync.Mutex
	pace    pace
	ready   inquiries // may be asked now
	delayed inquiries // wait for their own time
	flying  int
	working int         // in flight and not settled
	timer   *time.Timer // nil unless something waits for a time
}

func newAskQueue(s *Service, validator pdx.Address) *askQueue {
	return &askQueue{
		service: s, validator: validator, pace: newPace(),
		ready: inquiries{before: mostUrgent}, delayed: inquiries{before: dueFirst},
	}
}

// askQueues are the queues by validator. A queue stays once it is made: a seller
// meets as many validators as its pools trust.
type askQueues struct {
	mu sync.Mutex
	by map[pdx.Address]*askQueue
}

func newAskQueues() askQueues { return askQueues{by: map[pdx.Address]*askQueue{}} }

// askQueue is the queue of a validator.
func (s *Service) askQueue(validator pdx.Address) *askQueue {
	s.asks.mu.Lock()
	defer s.asks.mu.Unlock()
	q := s.asks.by[validator]
	if q == nil {
		q = newAskQueue(s, validator)
		s.asks.by[validator] = q
	}
	return q
}

// add queues an inquiry; its worker waits for it until it is over.
func (q *askQueue) add(in *inquiry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	heap.Push(&q.ready, in)
	q.pump()
}

// certified ends an inquiry whose validator has certified the deal, unless it has
// reasons to tell that were not heard.
func (q *askQueue) certified(in *inquiry, accepted bool) {
	q.mu.Lock()
	nothing := accepted || in.told
	q.mu.Unlock()
	if nothing {
		q.drop(in)
	}
}

// drop ends an inquiry that waits. One in flight ends by its context or with its
// answer; one that is over stays so.
func (q *askQueue) drop(in *inquiry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	in.dropped = true
	if in.in == nil {
		return
	}
	in.leave()
	in.group.over.Done()
	q.pump()
}

// pump asks as much as the validator takes and sets the timer for the rest. The
// caller holds mu.
func (q *askQueue) pump() {
	now := time.Now()
	for in := q.delayed.first(); in != nil && !in.due.After(now); in = q.delayed.first() {
		heap.Pop(&q.delayed)
		heap.Push(&q.ready, in)
	}
	hold := q.pace.wait(now)
	for hold == 0 && q.ready.Len() > 0 && q.working < q.pace.limit() && q.flying < maxFlying {
		in := heap.Pop(&q.ready).(*inquiry)
		if in.ctx.Err() != nil { // its sale is about to drop it
			in.group.over.Done()
			continue
		}
		q.launch(in)
	}
	q.setTimer(now, hold)
}

// setTimer pumps again when the hold ends or the next delayed inquiry is due. The
// caller holds mu.
func (q *askQueue) setTimer(now time.Time, hold time.Duration) {
	if q.timer != nil {
		q.timer.Stop()
		q.timer = nil
	}
	wait := never
	if hold > 0 && q.ready.Len() > 0 {
		wait = hold
	}
	if next := q.delayed.first(); next != nil {
		if until := max(next.due.Sub(now), hold); wait == never || until < wait {
			wait = until
		}
	}
	if wait == never {
		return
	}
	q.timer = time.AfterFunc(wait, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.pump()
	})
}

// launch asks one inquiry. The caller holds mu.
func (q *askQueue) launch(in *inquiry) {
	in.epoch, in.settled, in.began = q.pace.epoch, false, false
	q.flying++
	q.working++
	go func() { // asking.over covers it
		check, err := q.service.inquire(in)
		q.land(in, check, err)
	}()
}

// progress notes a sign of life of the validator. An inquiry whose verdict only
// waits for a block makes way for the next, if the validator says that it does so.
func (q *askQueue) progress(in *inquiry, p pdx.Progress) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pace.heard(p.Slots)
	in.began = in.began || p.Stage != pdx.StageQueued
	if p.Stage == pdx.StageCertifying && q.pace.slots > 0 && !in.settled {
		in.settled = true
		q.working--
	}
	q.pump()
}

// land takes up what came of an inquiry: the end of it, or another try.
func (q *askQueue) land(in *inquiry, check model.Check, err error) {
	if in.ctx.Err() == nil {
		check = q.note(in, check, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flying--
	if !in.settled {
		q.working--
	}
	if in.ctx.Err() == nil {
		q.learn(in, check, err)
	}
	switch {
	case in.dropped || in.ctx.Err() != nil || check.Stage == pdx.StageDone:
		in.group.over.Done()
	case in.due.After(time.Now()):
		heap.Push(&q.delayed, in)
	default:
		heap.Push(&q.ready, in)
	}
	q.pump()
}

// inquiry is one question to one validator: to check the dataset of one sale. It
// is asked until its verdict is on chain or its sale drops it.
type inquiry struct {
	worker *worker
	group  *inquiryGroup   // waits for its end
	ctx    context.Context //nolint:containedctx // ends when the asking ends
	queue  *askQueue
	sale   model.Sale // its deal and dataset stay as they are
	by     time.Time  // deadline for certificates

	tries   int       // failures in a row that concern this deal only
	due     time.Time // not before
	epoch   int       // of the pace when it was asked last
	settled bool      // the verdict is reached and waits for a block: it holds no slot
	began   bool      // work on the deal began
	told    bool      // a verdict that waits for a block was told
	dropped bool      // not to be asked again

	in *inquiries // where it waits; nil while it is in flight or over
	at int        // its index there
}

// inquiries is a heap of inquiries that wait.
type inquiries struct {
	list   []*inquiry
	before func(a, b *inquiry) bool
}

// mostUrgent puts the deal first whose time for certificates ends first.
func mostUrgent(a, b *inquiry) bool {
	return cmp.Or(a.by.Compare(b.by), cmp.Compare(a.sale.Deal, b.sale.Deal)) < 0
}

// dueFirst puts the inquiry first that may be asked first.
func dueFirst(a, b *inquiry) bool { return a.due.Before(b.due) }

// Len implements heap.Interface.
func (h *inquiries) Len() int { return len(h.list) }

// Less implements heap.Interface.
func (h *inquiries) Less(i, j int) bool { return h.before(h.list[i], h.list[j]) }

// Swap implements heap.Interface.
func (h *inquiries) Swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.list[i].at, h.list[j].at = i, j
}

// Push implements heap.Interface.
func (h *inquiries) Push(x any) {
	in := x.(*inquiry)
	in.in, in.at = h, len(h.list)
	h.list = append(h.list, in)
}

// Pop implements heap.Interface.
func (h *inquiries) Pop() any {
	last := len(h.list) - 1
	in := h.list[last]
	h.list[last] = nil
	h.list = h.list[:last]
	in.in = nil
	return in
}

func (h *inquiries) first() *inquiry {
	if len(h.list) == 0 {
		return nil
	}
	return h.list[0]
}

// leave takes an inquiry out of the heap in which it waits.
func (in *inquiry) leave() {
	if in.in != nil {
		heap.Remove(in.in, in.at)
	}
}
