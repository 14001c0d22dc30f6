package validator

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/internal/notify"
)

// queue admits a bounded number of requests, and a bounded number from each asker, and
// gives workers to askers in rotation, each time to the oldest request of the asker
// that has the fewest. A request whose verdict waits for a block holds no slot.
type queue struct {
	workers, waiters int
	each             int // slots of one asker

	mu         sync.Mutex // guards the rest
	inside     int        // slots taken: of requests that wait, work or are answered cheaply
	askers     map[pdx.Address]*share
	running    int
	certifying int       // requests that gave their slot back
	served     uint64    // workers given so far
	waiting    []*waiter // oldest first
}

// share is what one asker has of the queue.
type share struct {
	deals               map[pdx.DealID]struct{} // that have a slot
	running, certifying int
	served              uint64 // when it was given a worker last, by the queue's count
}

type waiter struct {
	asker pdx.Address
	ready chan struct{} // closed when a worker is free for it
	moved notify.Signal // set when its position changed
}

// ticket is a request that was admitted.
type ticket struct {
	queue   *queue
	asker   pdx.Address
	deal    pdx.DealID
	settled bool
}

// newQueue returns a queue for that many requests at work and waiting. One asker has
// a quarter of the slots, at least one, so that others find one.
func newQueue(workers, waiters int) *queue {
	return &queue{
		workers: workers, waiters: waiters, each: max(1, (workers+waiters)/askerShare), askers: map[pdx.Address]*share{},
	}
}

// admit takes a slot for a deal, which leave gives back, or says why there is none.
func (q *queue) admit(asker pdx.Address, deal pdx.DealID) (*ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	has := q.askers[asker]
	if has == nil {
		has = &share{deals: map[pdx.DealID]struct{}{}}
	}
	switch _, held := has.deals[deal]; {
	case held: // it says nothing about slots: other deals of this asker may have one
		return nil, ownFault(fmt.Sprintf("this validator is working on deal %v for you already", deal), nil)
	case len(has.deals) >= q.each:
		return nil, fmt.Errorf("%w: %s of yours in progress", ErrBusy, message.Count(len(has.deals), "deal"))
	case q.inside >= q.workers+q.waiters:
		return nil, fmt.Errorf("%w: %s in progress", ErrBusy, message.Count(q.inside, "deal"))
	}
	q.askers[asker] = has
	has.deals[deal] = struct{}{}
	q.inside++
	return &ticket{queue: q, asker: asker, deal: deal}, nil
}

// has reports whether a request of the asker is under way.
func (q *queue) has(asker pdx.Address) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.askers[asker] != nil
}

// settle gives the slot to another request: the verdict is recorded and waits for a
// block. When very many wait for one, the ticket keeps its slot.
func (t *ticket) settle() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	has := q.askers[t.asker]
	if t.settled || has.certifying >= certifyingEach || q.certifying >= certifyingAll {
		return
	}
	t.settled = true
	t.release(has)
	has.certifying++
	q.certifying++
}

// release gives the slot back. The caller holds the queue's mu.
func (t *ticket) release(has *share) {
	delete(has.deals, t.deal)
	t.queue.inside--
}

func (t *ticket) leave() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	has := q.askers[t.asker]
	if t.settled {
		has.certifying--
		q.certifying--
	} else {
		t.release(has)
	}
	if len(has.deals) == 0 && has.certifying == 0 {
		delete(q.askers, t.asker)
	}
}

// work waits for a worker and reports how many requests are older; free gives the
// worker back. The caller holds a ticket.
func (q *queue) work(ctx context.Context, asker pdx.Address, report func(pdx.Progress)) (free func(), err error) {
	w := q.join(asker)
	for {
		select {
		case <-w.ready:
			return func() { q.free(asker) }, nil
		default:
		}
		before, of := q.position(w)
		report(pdx.Progress{Stage: pdx.StageQueued, Done: before, Total: of})
		select {
		case <-w.ready:
			return func() { q.free(asker) }, nil
		case <-w.moved:
		case <-ctx.Done():
			q.abandon(w)
			return nil, context.Cause(ctx)
		}
	}
}

// join adds a waiter.
func (q *queue) join(asker pdx.Address) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := &waiter{asker: asker, ready: make(chan struct{}), moved: notify.New()}
	q.waiting = append(q.waiting, w)
	q.serve()
	return w
}

// serve gives free workers to those who wait. The caller holds mu.
func (q *queue) serve() {
	moved := false
	for q.running < q.workers && len(q.waiting) > 0 {
		i := q.next()
		w := q.waiting[i]
		close(w.ready)
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.running++
		q.served++
		q.askers[w.asker].running++
		q.askers[w.asker].served = q.served
		moved = true
	}
	if moved {
		q.announce()
	}
}

// next is the index of the waiter that gets the next worker: of the asker that has
// the fewest, then of the one that has gone without for longest. The caller holds
// mu.
func (q *queue) next() int {
	best := 0
	for i, w := range q.waiting {
		mine, other := q.askers[w.asker], q.askers[q.waiting[best].asker]
		if mine.running < other.running || mine.running == other.running && mine.served < other.served {
			best = i
		}
	}
	return best
}

// announce wakes those who wait, as their position may have changed. The caller holds
// mu.
func (q *queue) announce() {
	for _, w := range q.waiting {
		w.moved.Set()
	}
}

func (q *queue) free(asker pdx.Address) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pass(asker)
}

// pass gives the asker's worker to the next. The caller holds mu.
func (q *queue) pass(asker pdx.Address) {
	q.running--
	q.askers[asker].running--
	q.serve()
}

// abandon removes a waiter, or gives back the worker it had just got.
func (q *queue) abandon(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.announce()
		return
	}
	q.pass(w.asker)
}

func (q *queue) position(w *waiter) (before, of uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return uint64(max(0, slices.Index(q.waiting, w))), uint64(len(q.waiting))
}

func (q *queue) state() Queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Queue{
		Running: q.running, Workers: q.workers, Waiting: len(q.waiting), Slots: q.waiters,
		Each: q.each, Certifying: q.certifying,
	}
}
