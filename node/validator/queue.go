package validator

import (
	"context"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

// queue admits a bounded number of requests, a bounded number from each asker, and
// gives workers to askers in turn, each time to the oldest request of the asker
// that has the fewest. A request whose verdict waits for a block holds no place.
type queue struct {
	workers, places int

	mu         sync.Mutex
	inside     int // admitted and not settled: waiting, working or answered cheaply
	each       map[pdx.Address]*share
	running    int
	certifying int       // settled
	served     uint64    // workers given so far
	waiting    []*waiter // oldest first
}

// share is what one asker has of the queue.
type share struct {
	inside, running, certifying int
	served                      uint64 // when it was given a worker last, by the queue's count
}

type waiter struct {
	asker pdx.Address
	turn  chan struct{} // closed when a worker is free for it
	moved notify.Signal // set when its place changed
}

// ticket is a request that was admitted.
type ticket struct {
	queue   *queue
	asker   pdx.Address
	settled bool
}

func newQueue(workers, places int) *queue {
	return &queue{workers: workers, places: places, each: map[pdx.Address]*share{}}
}

// admit takes a place for asker or is ErrBusy; the ticket's leave gives it back.
func (q *queue) admit(asker pdx.Address) (*ticket, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	has := q.each[asker]
	if q.inside >= q.workers+q.places || has != nil && has.inside >= placesEach {
		return nil, ErrBusy
	}
	if has == nil {
		has = &share{}
		q.each[asker] = has
	}
	q.inside++
	has.inside++
	return &ticket{queue: q, asker: asker}, nil
}

// settle gives the place to another request: the verdict is recorded and waits for
// a block. When very many wait for one, the ticket keeps its place.
func (t *ticket) settle() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	has := q.each[t.asker]
	if t.settled || has.certifying >= certifyingEach || q.certifying >= certifyingAll {
		return
	}
	t.settled = true
	has.inside--
	has.certifying++
	q.inside--
	q.certifying++
}

func (t *ticket) leave() {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	has := q.each[t.asker]
	if t.settled {
		has.certifying--
		q.certifying--
	} else {
		has.inside--
		q.inside--
	}
	if has.inside == 0 && has.certifying == 0 {
		delete(q.each, t.asker)
	}
}

// work waits for a worker and reports how many requests are older; free gives the
// worker back. The caller holds a ticket.
func (q *queue) work(ctx context.Context, asker pdx.Address, report func(pdx.Progress)) (free func(), err error) {
	w := q.line(asker)
	for {
		select {
		case <-w.turn:
			return func() { q.free(asker) }, nil
		default:
		}
		before, of := q.position(w)
		report(pdx.Progress{Stage: pdx.StageQueued, Done: before, Total: of})
		select {
		case <-w.turn:
			return func() { q.free(asker) }, nil
		case <-w.moved:
		case <-ctx.Done():
			q.abandon(w)
			return nil, context.Cause(ctx)
		}
	}
}

// line puts a new waiter at the end of the line.
func (q *queue) line(asker pdx.Address) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := &waiter{asker: asker, turn: make(chan struct{}), moved: notify.New()}
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
		close(w.turn)
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.running++
		q.served++
		q.each[w.asker].running++
		q.each[w.asker].served = q.served
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
		mine, other := q.each[w.asker], q.each[q.waiting[best].asker]
		if mine.running < other.running || mine.running == other.running && mine.served < other.served {
			best = i
		}
	}
	return best
}

// announce tells those who wait that their place may have changed. The caller holds mu.
func (q *queue) announce() {
	for _, w := range q.waiting {
		w.moved.Set()
	}
}

func (q *queue) free(asker pdx.Address) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.release(asker)
}

// release gives a worker to the next. The caller holds mu.
func (q *queue) release(asker pdx.Address) {
	q.running--
	q.each[asker].running--
	q.serve()
}

// abandon takes w out of the line, or gives back the worker it had just got.
func (q *queue) abandon(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.announce()
		return
	}
	q.release(w.asker)
}

func (q *queue) position(w *waiter) (before, of uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return uint64(max(0, slices.Index(q.waiting, w))), uint64(len(q.waiting))
}

func (q *queue) state() Queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Queue{Running: q.running, Workers: q.workers, Waiting: len(q.waiting), Places: q.places}
}
