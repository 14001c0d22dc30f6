package workqueue

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/medibloc/pdx/internal/backoff"
	"github.com/medibloc/pdx/internal/notify"
)

// A Class is a kind of job, by its index in Config.Classes.
type Class int

// ClassConfig says how the jobs of a class are run.
type ClassConfig struct {
	// Slots is how many steps run at once.
	Slots int
	// ByDeadline runs the due job with the earliest deadline first, and not the one
	// that has been due for longest.
	ByDeadline bool
	// Deadline is how far off the deadline of a job is taken to be when it enters the
	// class without one.
	Deadline time.Duration
}

// Config is what a Queue works with.
type Config[K comparable, V any] struct {
	// Classes are the kinds of jobs. A new job enters the first, unless AddTo names another.
	Classes []ClassConfig
	// Retry is the pause after a failed step. Its Most also bounds how long the queue
	// sleeps, and so how late it notices that the clock was set.
	Retry backoff.Doubling
	// Step runs one step of a job. It is called from several goroutines, but never for
	// the same key at once, and must return when ctx ends.
	Step func(ctx context.Context, class Class, key K, value V) Next
	// Now is the clock; nil takes time.Now.
	Now func() time.Time
}

// A Queue runs the steps of jobs.
type Queue[K comparable, V any] struct {
	retry   backoff.Doubling
	step    func(context.Context, Class, K, V) Next
	now     func() time.Time
	changed notify.Signal // set when jobs changed

	mu      sync.Mutex // guards jobs and classes
	jobs    map[K]*job[K, V]
	classes []*class[K, V]
}

type job[K comparable, V any] struct {
	key      K
	value    V
	class    Class
	due      time.Time
	deadline time.Time // in a class that has deadlines
	idle     bool      // waits to be woken, not for a time
	running  bool
	parked   bool
	woken    bool // while it ran
	failures int  // in a row

	in *jobHeap[K, V] // where it waits; nil while it does not
	at int            // its index there
}

// New returns a queue without jobs; it runs nothing.
func New[K comparable, V any](c Config[K, V]) (*Queue[K, V], error) {
	if len(c.Classes) == 0 || c.Step == nil || c.Retry.First <= 0 || c.Retry.Most <= 0 {
		return nil, errors.New("work queue: classes, a step and a retry pause are required")
	}
	q := &Queue[K, V]{retry: c.Retry, step: c.Step, now: c.Now, changed: notify.New(), jobs: map[K]*job[K, V]{}}
	if q.now == nil {
		q.now = time.Now
	}
	for _, of := range c.Classes {
		if of.Slots <= 0 {
			return nil, errors.New("work queue: a class needs at least one slot")
		}
		q.classes = append(q.classes, newClass[K, V](of))
	}
	return q, nil
}

// Add makes a job due now, whether it is new, waits or backs off. A job that is known
// keeps its value and its class.
func (q *Queue[K, V]) Add(key K, value V) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wake(q.job(key, value))
}

// AddTo is Add for a class with deadlines, into which a job that is known is moved. A
// zero deadline leaves the job's as it is, or takes the one that the class assumes.
func (q *Queue[K, V]) AddTo(to Class, key K, value V, deadline time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := q.job(key, value)
	q.enter(j, to, deadline)
	q.wake(j)
}

// Wake makes a job due now if it is known, and reports whether it is.
func (q *Queue[K, V]) Wake(key K) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := q.jobs[key]
	if j != nil {
		q.wake(j)
	}
	return j != nil
}

// WakeIn is Wake, and moves the job to a class as AddTo does.
func (q *Queue[K, V]) WakeIn(to Class, key K) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := q.jobs[key]
	if j != nil {
		q.enter(j, to, time.Time{})
		q.wake(j)
	}
	return j != nil
}

// WakeAfter makes an idle job due after a pause. A job that is running is run once
// more; one that waits for a time, or is not known, is left alone.
func (q *Queue[K, V]) WakeAfter(key K, pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	j := q.jobs[key]
	switch {
	case j == nil:
	case j.running:
		j.woken = true
	case j.idle:
		j.due, j.idle = q.now().Add(pause), false
		q.requeue(j)
	}
}

// WakeAll makes every job due now that waits for a time or is backing off. Idle,
// running and parked jobs are left alone.
func (q *Queue[K, V]) WakeAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, j := range q.jobs {
		if !j.idle && !j.running && !j.parked {
			q.wake(j)
		}
	}
}

// Park keeps a job that is known from being run until it is released, whoever wakes
// it. Its step may park it while it runs.
func (q *Queue[K, V]) Park(key K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if j := q.jobs[key]; j != nil {
		j.parked = true
		q.requeue(j)
	}
}

// Release makes a parked job due now.
func (q *Queue[K, V]) Release(key K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if j := q.jobs[key]; j != nil && j.parked {
		j.parked = false
		q.wake(j)
	}
}

// Backlog reports whether a job of the class is due and has no slot.
func (q *Queue[K, V]) Backlog(of Class) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.classes[of].first(q.now()) != nil
}

// job returns the job with that key, made if need be; q.mu is held.
func (q *Queue[K, V]) job(key K, value V) *job[K, V] {
	j := q.jobs[key]
	if j == nil {
		j = &job[K, V]{key: key, value: value, due: q.now()}
		q.jobs[key] = j
	}
	return j
}

// enter moves a job to a class; q.mu is held.
func (q *Queue[K, V]) enter(j *job[K, V], to Class, deadline time.Time) {
	switch {
	case !deadline.IsZero():
		j.deadline = deadline
	case j.class != to:
		j.deadline = q.now().Add(q.classes[to].config.Deadline)
	}
	j.class = to
}

// wake makes a job due now; q.mu is held.
func (q *Queue[K, V]) wake(j *job[K, V]) {
	if j.running {
		j.woken = true
		return
	}
	if now := q.now(); j.idle || j.due.After(now) {
		j.due, j.idle = now, false
	}
	q.requeue(j)
}

// requeue puts a job where it has to wait now, if it has to; q.mu is held.
func (q *Queue[K, V]) requeue(j *job[K, V]) {
	j.leave()
	if !j.running && !j.parked && !j.idle {
		q.classes[j.class].add(j)
		q.changed.Set()
	}
}
