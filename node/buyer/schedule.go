package buyer

import (
	"context"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

// schedule decides which deal is worked on next: the one that waits longest, a
// bounded number at once, none twice at once.
type schedule struct {
	parallel int
	changed  chan struct{} // holds a token when jobs changed

	mu      sync.Mutex
	jobs    map[pdx.DealID]*job
	running int
}

type job struct {
	pool    pdx.PoolID
	due     time.Time
	idle    bool // waits for a hint, not for a time
	running bool
	again   bool // a hint came while it ran
	tries   int  // failures in a row
}

// outcome is what a step says about the next one.
type outcome int

const (
	waits   outcome = iota // nothing to do until a hint
	done                   // nothing to do ever
	yields                 // again as soon as it is its turn
	retries                // failed; again after a while
	looks                  // waits for a hint, and looks again soon
	full                   // this machine is full; again after a longer while
)

func newSchedule(parallel int) *schedule {
	return &schedule{parallel: parallel, changed: make(chan struct{}, 1), jobs: map[pdx.DealID]*job{}}
}

// add makes deal due now, whether it is new, waits or backs off.
func (s *schedule) add(pool pdx.PoolID, deal pdx.DealID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[deal]
	if j == nil {
		j = &job{pool: pool, due: time.Now()}
		s.jobs[deal] = j
	}
	s.hurry(j)
}

// wake makes deal due if it is known.
func (s *schedule) wake(deal pdx.DealID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[deal]
	if j != nil {
		s.hurry(j)
	}
	return j != nil
}

func (s *schedule) hurry(j *job) {
	if j.running {
		j.again = true
		return
	}
	if now := time.Now(); j.idle || j.due.After(now) {
		j.due, j.idle = now, false
	}
	s.poke()
}

// later makes a deal that waits due after a while.
func (s *schedule) later(deal pdx.DealID, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[deal]
	switch {
	case j == nil:
		return
	case j.running:
		j.again = true
		return
	case !j.idle:
		return
	}
	j.due, j.idle = time.Now().Add(after), false
	s.poke()
}

func (s *schedule) poke() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// run starts due jobs until ctx ends and waits for the last.
func (s *schedule) run(ctx context.Context, step func(context.Context, pdx.PoolID, pdx.DealID) outcome) {
	var workers sync.WaitGroup
	defer workers.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		for {
			id, pool, wait := s.take()
			if id == 0 {
				timer.Reset(wait)
				break
			}
			workers.Go(func() { s.finish(id, step(ctx, pool, id)) })
		}
		select {
		case <-s.changed:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// take marks the job that is due longest as running; if none can run, it says
// how long there is nothing to do.
func (s *schedule) take() (id pdx.DealID, pool pdx.PoolID, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running >= s.parallel {
		return 0, 0, lastBackoff
	}
	var next *job
	for d, j := range s.jobs {
		if j.running || j.idle || next != nil && !j.due.Before(next.due) {
			continue
		}
		next, id = j, d
	}
	if next == nil {
		return 0, 0, lastBackoff
	}
	if wait = time.Until(next.due); wait > 0 {
		return 0, 0, wait
	}
	next.running = true
	s.running++
	return id, next.pool, 0
}

func (s *schedule) finish(id pdx.DealID, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.poke()
	j := s.jobs[id]
	s.running--
	j.running = false
	if o != retries {
		j.tries = 0
	}
	switch {
	case j.again || o == yields:
		j.due, j.again = time.Now(), false
	case o == done:
		delete(s.jobs, id)
	case o == waits:
		j.idle = true
	case o == looks:
		j.due = time.Now().Add(voucherLook)
	case o == full:
		j.due = time.Now().Add(fullBackoff)
	default:
		j.due = time.Now().Add(backoff(j.tries))
		j.tries++
	}
}

func backoff(tries int) time.Duration {
	return min(lastBackoff, firstBackoff<<min(tries, 16))
}
