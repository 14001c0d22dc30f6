package workqueue

import "time"

// A Next is what a step says about the job's next step. The zero value is Idle.
type Next struct {
	kind  kind
	pause time.Duration // of after and retry
	class Class         // of move
}

type kind int

const (
	idle kind = iota
	done
	again
	rejoin
	after
	retry
	move
)

// Idle leaves the job alone until it is woken.
func Idle() Next { return Next{kind: idle} }

// Done forgets the job, unless it was woken meanwhile.
func Done() Next { return Next{kind: done} }

// Again makes the job due now, behind those that are due already.
func Again() Next { return Next{kind: again} }

// Rejoin is Again for a step that neither succeeded nor failed: pauses go on growing
// with the next failure.
func Rejoin() Next { return Next{kind: rejoin} }

// After makes the job due after a pause.
func After(pause time.Duration) Next { return Next{kind: after, pause: pause} }

// Retry is for a step that failed: the job is due after a pause that grows with each
// failure in a row, with jitter.
func Retry() Next { return Next{kind: retry} }

// RetryWithin is Retry with a bound on the pause, and without jitter.
func RetryWithin(most time.Duration) Next { return Next{kind: retry, pause: most} }

// Move makes the job due at once in another class, ahead of all others there. In a class
// that is ByDeadline the deadline that the job has decides.
func Move(to Class) Next { return Next{kind: move, class: to} }

// failed reports whether the step counts as a failure, or leaves their count as it is.
func (n Next) failed() bool { return n.kind == retry || n.kind == rejoin }
