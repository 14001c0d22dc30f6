package workqueue

import (
	"context"
	"sync"
	"time"
)

// Run starts the steps of due jobs until ctx ends, and waits for the last one to
// return.
func (q *Queue[K, V]) Run(ctx context.Context) {
	var steps sync.WaitGroup
	defer steps.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait := q.retry.Most
		for of := range q.classes {
			wait = min(wait, q.fill(ctx, &steps, Class(of)))
		}
		timer.Reset(wait)
		select {
		case <-q.changed:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// fill starts the due jobs of a class while there are slots, and returns how long
// there is nothing more to start.
func (q *Queue[K, V]) fill(ctx context.Context, steps *sync.WaitGroup, of Class) time.Duration {
	for {
		j, wait := q.take(of)
		if j == nil {
			return wait
		}
		steps.Go(func() { q.finish(j, of, q.step(ctx, of, j.key, j.value)) })
	}
}

// take marks the first due job of a class as running. When none can run, it returns
// nil and how long there is nothing to do.
func (q *Queue[K, V]) take(of Class) (*job[K, V], time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.classes[of]
	if c.running >= c.config.Slots {
		return nil, q.retry.Most
	}
	now := q.now()
	next := c.first(now)
	if next == nil {
		return nil, c.wait(now, q.retry.Most)
	}
	next.running = true
	q.requeue(next)
	c.running++
	return next, 0
}

// finish frees the slot of a job whose step has returned, and queues the job again as
// the step says.
func (q *Queue[K, V]) finish(j *job[K, V], ran Class, next Next) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.changed.Set() // a slot is free
	q.classes[ran].running--
	j.running = false
	if !next.failed() {
		j.failures = 0
	}
	q.settle(j, next)
	q.requeue(j)
}

// settle says when a job is due again; q.mu is held.
func (q *Queue[K, V]) settle(j *job[K, V], next Next) {
	woken := j.woken
	j.woken = false
	switch {
	case next.kind == move:
		j.class, j.due = next.class, time.Time{}
	case woken || next.kind == again || next.kind == rejoin:
		j.due = q.now()
	case next.kind == done:
		j.idle = true
		delete(q.jobs, j.key)
	case next.kind == idle:
		j.idle = true
	case next.kind == after:
		j.due = q.now().Add(next.pause)
	default:
		j.due = q.now().Add(q.pause(j.failures, next.pause))
		j.failures++
	}
}

// pause returns the pause after a failure that followed a number of others; most
// bounds it unless it is 0.
func (q *Queue[K, V]) pause(failures int, most time.Duration) time.Duration {
	if most > 0 {
		return min(most, q.retry.After(failures))
	}
	return q.retry.Spread(failures)
}
