package validation

import (
	"context"
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/semaphore"

	"github.com/medibloc/pdx"
)

// queue bounds what runs and what waits. Who waited longest runs next.
type queue struct {
	workers  *semaphore.Weighted // first come, first served
	places   int                 // workers and waiting
	perAsker int

	mu    sync.Mutex
	held  map[job]struct{}
	count map[peer.ID]int
	runs  int
}

// job is what may be in work once.
type job struct {
	asker peer.ID
	deal  pdx.DealID
}

type place struct {
	queue   *queue
	job     job
	running bool
}

func newQueue(workers, waiting int) *queue {
	places := workers + waiting
	return &queue{
		workers: semaphore.NewWeighted(int64(workers)), places: places, perAsker: max(1, places/askerShare),
		held: map[job]struct{}{}, count: map[peer.ID]int{},
	}
}

// enter takes a place for one validation, or says why there is none.
func (q *queue) enter(asker peer.ID, deal pdx.DealID) (*place, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := job{asker, deal}
	switch _, held := q.held[j]; {
	case held:
		return nil, fmt.Errorf("%w: it is working on deal %v for you already", ErrBusy, deal)
	case q.count[asker] >= q.perAsker:
		return nil, fmt.Errorf("%w: %d deals of yours are in work; ask again when one is done", ErrBusy, q.count[asker])
	case len(q.held) >= q.places:
		return nil, fmt.Errorf("%w: %d validations are in work; ask again later", ErrBusy, len(q.held))
	}
	q.held[j] = struct{}{}
	q.count[asker]++
	return &place{queue: q, job: j}, nil
}

// wait blocks until a worker is free.
func (p *place) wait(ctx context.Context) error {
	if err := p.queue.workers.Acquire(ctx, 1); err != nil {
		return err
	}
	p.running = true
	p.queue.mu.Lock()
	defer p.queue.mu.Unlock()
	p.queue.runs++
	return nil
}

// leave gives the place back.
func (p *place) leave() {
	q := p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, p.job)
	if q.count[p.job.asker]--; q.count[p.job.asker] == 0 {
		delete(q.count, p.job.asker)
	}
	if p.running {
		q.runs--
		q.workers.Release(1)
	}
}

// load is how many run and how many wait.
func (q *queue) load() (running, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.runs, len(q.held) - q.runs
}
