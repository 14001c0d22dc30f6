package buyer

import (
	"container/heap"
	"time"
)

// line is the jobs of a lane that wait: those that are due, and those that will be.
// A pool has 100,000 deals, so none is found by looking at all.
type line struct{ due, later *jobs }

func newLine() line {
	return line{due: &jobs{before: (*job).before}, later: &jobs{before: (*job).sooner}}
}

// add takes a job in that waits nowhere.
func (l line) add(j *job) { heap.Push(l.later, j) }

// first is the job that comes first of those that are due, nil if none is.
func (l line) first(now time.Time) *job {
	for len(l.later.all) > 0 && !l.later.all[0].due.After(now) {
		heap.Push(l.due, heap.Pop(l.later))
	}
	if len(l.due.all) == 0 {
		return nil
	}
	return l.due.all[0]
}

// wait is how long none becomes due, the longest pause at most.
func (l line) wait(now time.Time) time.Duration {
	if len(l.later.all) == 0 {
		return retryPause.Most
	}
	return min(retryPause.Most, l.later.all[0].due.Sub(now))
}

// before tells which of two due jobs of a lane comes first.
func (j *job) before(other *job) bool {
	if j.lane == opening && !j.by.Equal(other.by) {
		return j.by.Before(other.by)
	}
	return j.sooner(other)
}

func (j *job) sooner(other *job) bool { return j.due.Before(other.due) }

// jobs is a heap.Interface of jobs that know their place in it.
type jobs struct {
	all    []*job
	before func(a, b *job) bool
}

// Len is how many there are.
func (q *jobs) Len() int { return len(q.all) }

// Less tells which comes first.
func (q *jobs) Less(i, k int) bool { return q.before(q.all[i], q.all[k]) }

// Swap swaps two.
func (q *jobs) Swap(i, k int) {
	q.all[i], q.all[k] = q.all[k], q.all[i]
	q.all[i].at, q.all[k].at = i, k
}

// Push adds a job at the end.
func (q *jobs) Push(x any) {
	j := x.(*job) //nolint:forcetypeassert // nothing else is put in
	j.in, j.at = q, len(q.all)
	q.all = append(q.all, j)
}

// Pop removes the job at the end.
func (q *jobs) Pop() any {
	last := len(q.all) - 1
	j := q.all[last]
	q.all[last], q.all = nil, q.all[:last]
	j.in = nil
	return j
}
