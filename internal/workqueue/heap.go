package workqueue

import (
	"container/heap"
	"time"
)

// class holds the jobs of a class that wait: those that are due, and those that will
// be. There may be 100,000 of them, so none is found by a search.
type class[K comparable, V any] struct {
	config     ClassConfig
	running    int
	due, later *jobHeap[K, V]
}

func newClass[K comparable, V any](c ClassConfig) *class[K, V] {
	first := (*job[K, V]).sooner
	if c.ByDeadline {
		first = (*job[K, V]).moreUrgent
	}
	return &class[K, V]{config: c, due: &jobHeap[K, V]{less: first}, later: &jobHeap[K, V]{less: (*job[K, V]).sooner}}
}

// add takes in a job that waits nowhere.
func (c *class[K, V]) add(j *job[K, V]) { heap.Push(c.later, j) }

// first returns the job that comes first of those that are due, nil if none is.
func (c *class[K, V]) first(now time.Time) *job[K, V] {
	for len(c.later.jobs) > 0 && !c.later.jobs[0].due.After(now) {
		heap.Push(c.due, heap.Pop(c.later))
	}
	if len(c.due.jobs) == 0 {
		return nil
	}
	return c.due.jobs[0]
}

// wait returns how long no further job becomes due, most at most.
func (c *class[K, V]) wait(now time.Time, most time.Duration) time.Duration {
	if len(c.later.jobs) == 0 {
		return most
	}
	return min(most, c.later.jobs[0].due.Sub(now))
}

// sooner reports whether j is due before other.
func (j *job[K, V]) sooner(other *job[K, V]) bool { return j.due.Before(other.due) }

// moreUrgent reports whether the deadline of j is before that of other.
func (j *job[K, V]) moreUrgent(other *job[K, V]) bool {
	if !j.deadline.Equal(other.deadline) {
		return j.deadline.Before(other.deadline)
	}
	return j.sooner(other)
}

// leave takes j out of the heap that it waits in, if it does.
func (j *job[K, V]) leave() {
	if j.in != nil {
		heap.Remove(j.in, j.at)
	}
}

// jobHeap is a heap.Interface of jobs that know their index in it.
type jobHeap[K comparable, V any] struct {
	jobs []*job[K, V]
	less func(a, b *job[K, V]) bool
}

// Len returns how many jobs there are.
func (h *jobHeap[K, V]) Len() int { return len(h.jobs) }

// Less reports whether job i comes before job k.
func (h *jobHeap[K, V]) Less(i, k int) bool { return h.less(h.jobs[i], h.jobs[k]) }

// Swap swaps two jobs.
func (h *jobHeap[K, V]) Swap(i, k int) {
	h.jobs[i], h.jobs[k] = h.jobs[k], h.jobs[i]
	h.jobs[i].at, h.jobs[k].at = i, k
}

// Push adds a job at the end.
func (h *jobHeap[K, V]) Push(x any) {
	j := x.(*job[K, V]) //nolint:forcetypeassert // nothing else is put in
	j.in, j.at = h, len(h.jobs)
	h.jobs = append(h.jobs, j)
}

// Pop removes the job at the end.
func (h *jobHeap[K, V]) Pop() any {
	last := len(h.jobs) - 1
	j := h.jobs[last]
	h.jobs[last], h.jobs = nil, h.jobs[:last]
	j.in = nil
	return j
}
