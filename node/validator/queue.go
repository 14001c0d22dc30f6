package validator

import (
	"context"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
)

// queue admits a bounded number of requests, a bounded number from each asker,
// and gives workers to those that wait longest.
type queue struct {
	workers, places int

	mu      sync.Mutex
	inside  int                 // admitted: waiting, working or answered cheaply
	each    map[pdx.Address]int // admitted, by asker
	running int
	waiting []*waiter // oldest first
}

type waiter struct {
	turn  chan struct{} // closed when a worker is free for it
	moved chan struct{} // holds a token when its place changed
}

func newQueue(workers, places int) *queue {
	return &queue{workers: workers, places: places, each: map[pdx.Address]int{}}
}

// admit takes a place for asker or is ErrBusy; leave gives it back.
func (q *queue) admit(asker pdx.Address) (leave func(), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.inside >= q.workers+q.places || q.each[asker] >= placesEach {
		return nil, ErrBusy
	}
	q.inside++
	q.each[asker]++
	return func() { q.depart(asker) }, nil
}

func (q *queue) depart(asker pdx.Address) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inside--
	if q.each[asker]--; q.each[asker] == 0 {
		delete(q.each, asker)
	}
}

// work waits for a worker, oldest first, and reports how many wait before this
// one; free gives the worker back.
func (q *queue) work(ctx context.Context, report func(Progress)) (free func(), err error) {
	w := q.line()
	for {
		select {
		case <-w.turn:
			return q.free, nil
		default:
		}
		before, of := q.position(w)
		report(Progress{Stage: StageQueued, Done: before, Total: of})
		select {
		case <-w.turn:
			return q.free, nil
		case <-w.moved:
		case <-ctx.Done():
			q.abandon(w)
			return nil, context.Cause(ctx)
		}
	}
}

// line puts a new waiter at the end of the line.
func (q *queue) line() *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := &waiter{turn: make(chan struct{}), moved: make(chan struct{}, 1)}
	q.waiting = append(q.waiting, w)
	q.serve()
	return w
}

// serve gives free workers to the front of the line. The caller holds mu.
func (q *queue) serve() {
	moved := false
	for q.running < q.workers && len(q.waiting) > 0 {
		close(q.waiting[0].turn)
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.running++
		moved = true
	}
	if moved {
		q.stir()
	}
}

// stir tells those who wait that their place may have changed. The caller holds mu.
func (q *queue) stir() {
	for _, w := range q.waiting {
		select {
		case w.moved <- struct{}{}:
		default:
		}
	}
}

func (q *queue) free() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	q.serve()
}

// abandon takes w out of the line, or gives back the worker it had just got.
func (q *queue) abandon(w *waiter) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.stir()
		return
	}
	q.running--
	q.serve()
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
