package buyer

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/notify"
)

// schedule decides which deal is worked on next, a bounded number at once, none
// twice at once. There are two lanes with places of their own, so that whatever
// is pulled, and however slowly, nothing that is delivered waits for it: the
// time in which the chain takes a complaint runs from the delivery.
type schedule struct {
	parallel int           // places of each lane
	changed  notify.Signal // set when jobs changed

	mu      sync.Mutex
	jobs    map[pdx.DealID]*job
	lines   [2]line // by lane
	running [2]int  // by lane
}

// lane is a kind of work.
type lane int

const (
	pulling lane = iota // whoever waits longest comes first
	opening             // whoever's dispute ends first comes first
)

type job struct {
	id      pdx.DealID
	pool    pdx.PoolID
	lane    lane
	due     time.Time
	by      time.Time // in the opening lane: when the dispute ends, as far as is known
	idle    bool      // waits for a hint, not for a time
	running bool
	parked  bool // pulled in a batch
	again   bool // a hint came while it ran
	tries   int  // failures in a row

	in *jobs // where it waits; nil while it does not
	at int   // its place there
}

// outcome is what a step says about the next one.
type outcome int

const (
	waits   outcome = iota // nothing to do until a hint
	done                   // nothing to do ever
	yields                 // again as soon as it is its turn
	lacks                  // cannot be opened before it is pulled: ahead of all other pulls
	joins                  // again when its batch has been pulled
	retries                // failed; again after a while
	looks                  // waits for a hint, and looks again soon
	hurries                // failed with the dispute running; again soon
	full                   // this machine is full; again after a longer while
)

func newSchedule(parallel int) *schedule {
	return &schedule{
		parallel: parallel, changed: notify.New(), jobs: map[pdx.DealID]*job{}, lines: [2]line{newLine(), newLine()},
	}
}

// add makes deal due now, whether it is new, waits or backs off.
func (s *schedule) add(pool pdx.PoolID, deal pdx.DealID) { s.enqueue(pool, deal, nil) }

// open makes a delivered deal due now, in the lane of those. by is when its
// dispute ends; zero when nobody has looked yet.
func (s *schedule) open(pool pdx.PoolID, deal pdx.DealID, by time.Time) { s.enqueue(pool, deal, &by) }

func (s *schedule) enqueue(pool pdx.PoolID, deal pdx.DealID, opens *time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[deal]
	if j == nil {
		j = &job{id: deal, pool: pool, due: time.Now()}
		s.jobs[deal] = j
	}
	j.opens(opens)
	s.dueNow(j)
}

// wake makes deal due if it is known.
func (s *schedule) wake(deal pdx.DealID) bool { return s.makeDue(deal, nil) }

// wakeOpen makes a delivered deal due, in the lane of those, if it is known.
func (s *schedule) wakeOpen(deal pdx.DealID) bool { return s.makeDue(deal, &time.Time{}) }

func (s *schedule) makeDue(deal pdx.DealID, opens *time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[deal]
	if j != nil {
		j.opens(opens)
		s.dueNow(j)
	}
	return j != nil
}

// opens moves a job to the opening lane. Of a dispute that nobody has looked at
// yet it is known that it has just begun.
func (j *job) opens(by *time.Time) {
	switch {
	case by == nil:
		return
	case !by.IsZero():
		j.by = *by
	case j.lane != opening:
		j.by = time.Now().Add(leastDispute)
	}
	j.lane = opening
}

func (s *schedule) dueNow(j *job) {
	if j.running {
		j.again = true
		return
	}
	if now := time.Now(); j.idle || j.due.After(now) {
		j.due, j.idle = now, false
	}
	s.place(j)
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
	s.place(j)
}

// resume makes every job due that waits for a time.
func (s *schedule) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.jobs {
		if !j.idle && !j.running && !j.parked {
			s.dueNow(j)
		}
	}
}

// park keeps a deal from being worked on until it is released: it is pulled in a
// batch.
func (s *schedule) park(deal pdx.DealID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[deal]; j != nil {
		j.parked = true
	}
}

// release makes a parked deal due.
func (s *schedule) release(deal pdx.DealID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[deal]; j != nil && j.parked {
		j.parked = false
		s.dueNow(j)
	}
}

// waits reports whether a job of a lane is due and has no place.
func (s *schedule) waits(l lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines[l].first(time.Now()) != nil
}

// place puts a job where it waits now; s.mu is held.
func (s *schedule) place(j *job) {
	if j.in != nil {
		heap.Remove(j.in, j.at)
	}
	if !j.running && !j.parked && !j.idle {
		s.lines[j.lane].add(j)
		s.changed.Set()
	}
}

// run starts due jobs until ctx ends and waits for the last.
func (s *schedule) run(ctx context.Context, step func(context.Context, lane, pdx.PoolID, pdx.DealID) outcome) {
	var workers sync.WaitGroup
	defer workers.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait := retryPause.Most
		for _, l := range []lane{opening, pulling} {
			wait = min(wait, s.fill(l, func(pool pdx.PoolID, id pdx.DealID) {
				workers.Go(func() { s.finish(id, l, step(ctx, l, pool, id)) })
			}))
		}
		timer.Reset(wait)
		select {
		case <-s.changed:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

// fill starts a lane's due jobs as long as there are places, and says how long
// there is nothing more to do.
func (s *schedule) fill(l lane, start func(pdx.PoolID, pdx.DealID)) time.Duration {
	for {
		id, pool, wait := s.take(l)
		if id == 0 {
			return wait
		}
		start(pool, id)
	}
}

// take marks the job of a lane that comes first as running; if none can run, it
// says how long there is nothing to do.
func (s *schedule) take(l lane) (id pdx.DealID, pool pdx.PoolID, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[l] >= s.parallel {
		return 0, 0, retryPause.Most
	}
	now := time.Now()
	next := s.lines[l].first(now)
	if next == nil {
		return 0, 0, s.lines[l].wait(now)
	}
	next.running = true
	s.place(next)
	s.running[l]++
	return next.id, next.pool, 0
}

func (s *schedule) finish(id pdx.DealID, ran lane, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed.Set() // a place is free
	j := s.jobs[id]
	s.running[ran]--
	j.running = false
	if o != retries && o != hurries && o != joins {
		j.tries = 0
	}
	defer s.place(j)
	switch {
	case o == lacks:
		j.lane, j.due, j.again = pulling, time.Time{}, false
	case j.again || o == yields || o == joins:
		j.due, j.again = time.Now(), false
	case o == done:
		j.idle = true
		delete(s.jobs, id)
	case o == waits:
		j.idle = true
	case o == looks:
		j.due = time.Now().Add(voucherLook)
	case o == full:
		j.due = time.Now().Add(fullBackoff)
	case o == hurries:
		j.due = time.Now().Add(min(hurriedBackoff, retryPause.After(j.tries)))
		j.tries++
	default:
		j.due = time.Now().Add(retryPause.Spread(j.tries))
		j.tries++
	}
}
