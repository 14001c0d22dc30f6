package validation

import (
	"context"
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/semaphore"

	"github.com/medibloc/pdx"
)

// queue bounds what runs and what waits. Who waited longest runs next. What only
// waits for a block is bounded by itself and keeps nobody else waiting.
type queue struct {
	workers  *semaphore.Weighted // first come, first served
	places   int                 // workers and waiting
	perAsker int

	mu         sync.Mutex
	held       map[job]struct{}
	inWork     map[peer.ID]int
	settled    map[peer.ID]int
	runs       int
	certifying int // all of settled
}

// job is what may be in work once.
type job struct {
	asker peer.ID
	deal  pdx.DealID
}

type place struct {
	queue   *queue
	job     job
	running bool // holds a worker
	settled bool // counts among those that wait for a block
	reached bool // a verdict was reached
}

func newQueue(workers, waiting int) *queue {
	places := workers + waiting
	return &queue{
		workers: semaphore.NewWeighted(int64(workers)), places: places, perAsker: max(1, places/askerShare),
		held: map[job]struct{}{}, inWork: map[peer.ID]int{}, settled: map[peer.ID]int{},
	}
}

// enter takes a place for one validation, or says why there is none.
func (q *queue) enter(asker peer.ID, deal pdx.DealID) (*place, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := job{asker, deal}
	all := len(q.held) - q.certifying
	switch _, held := q.held[j]; {
	case held:
		// It says nothing about slots: other deals of this asker may have one.
		return nil, fmt.Errorf("%w: the validator is working on deal %v for you already", pdx.ErrUnavailable, deal)
	case q.inWork[asker] >= q.perAsker:
		return nil, fmt.Errorf("%w: %d deals of yours are in work; ask again when one is done", ErrBusy, q.inWork[asker])
	case all >= q.places:
		return nil, fmt.Errorf("%w: %d validations are in work; ask again later", ErrBusy, all)
	}
	q.held[j] = struct{}{}
	q.inWork[asker]++
	return &place{queue: q, job: j}, nil
}

// wait blocks until a worker is free.
func (p *place) wait(ctx context.Context) error {
	if err := p.queue.workers.Acquire(ctx, 1); err != nil {
		return err
	}
	p.queue.mu.Lock()
	defer p.queue.mu.Unlock()
	p.running = true
	p.queue.runs++
	return nil
}

// settle gives slot and worker to others: the verdict is reached and waits for a
// block. When very many wait for one, the place keeps them.
func (p *place) settle() {
	q := p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	p.reached = true
	if p.settled || q.settled[p.job.asker] >= certifyingEach || q.certifying >= certifyingAll {
		return
	}
	p.settled = true
	q.settled[p.job.asker]++
	q.certifying++
	decrease(q.inWork, p.job.asker)
	p.release()
}

// concluded reports whether a verdict was reached here.
func (p *place) concluded() bool {
	p.queue.mu.Lock()
	defer p.queue.mu.Unlock()
	return p.reached
}

// leave gives the place back.
func (p *place) leave() {
	q := p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.held, p.job)
	if p.settled {
		q.certifying--
		decrease(q.settled, p.job.asker)
	} else {
		decrease(q.inWork, p.job.asker)
	}
	p.release()
}

// release frees the worker, if the place holds one. The caller holds the queue's mu.
func (p *place) release() {
	if p.running {
		p.running = false
		p.queue.runs--
		p.queue.workers.Release(1)
	}
}

// decrease counts one less and forgets a count of zero.
func decrease(count map[peer.ID]int, id peer.ID) {
	if count[id]--; count[id] == 0 {
		delete(count, id)
	}
}

// load is how many run, how many wait for a worker and how many for a block.
func (q *queue) load() (running, waiting, certifying int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.runs, len(q.held) - q.runs - q.certifying, q.certifying
}
