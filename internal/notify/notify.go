// Package notify provides a signal by which one goroutine wakes another.
package notify

// A Signal wakes one waiter. Set never blocks, and setting it again before the
// waiter has taken it changes nothing: the waiter checks the state, not the
// number of signals. It is received from like a channel:
//
//	select {
//	case <-signal:
//		// check again
//	case <-ctx.Done():
//	}
//
// A nil Signal is never received and drops what is set. It is safe for concurrent
// use; a waiter for several kinds of news uses a Signal for each, or one for all.
type Signal chan struct{}

// New returns a Signal that is not set.
func New() Signal { return make(Signal, 1) }

// Set wakes the waiter, now or when it next waits.
func (s Signal) Set() {
	select {
	case s <- struct{}{}:
	default: // already set
	}
}
