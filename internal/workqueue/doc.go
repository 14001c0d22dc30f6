// Package workqueue decides which of many jobs is worked on next: a bounded number
// at once, and none twice at once.
//
// A job is a key with a value. A Queue runs the job's step when the job is due, and
// the step returns a Next, which says when the job is due again: at a time, after a
// pause that grows with each failure in a row, or when somebody calls Wake. A Wake
// that comes while the step runs is not lost: the step runs once more.
//
// Jobs belong to classes. Each class has slots of its own, so that no class waits for
// another, however slow its steps are. Within a class, of the jobs that are due, the
// one that has been due for longest comes first, or the one with the earliest
// deadline.
//
// A Queue knows nothing about its jobs and keeps nothing on disk: after a restart the
// caller adds them again. It is safe for concurrent use. Run owns one goroutine for
// each step under way, and ends when the last one has returned. No operation
// looks at all jobs but WakeAll.
package workqueue
