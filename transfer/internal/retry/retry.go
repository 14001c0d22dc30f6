// Package retry decides when a peer that failed is asked again.
package retry

import (
	"errors"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/backoff"
)

// A Policy says how often and for how long.
type Policy struct {
	// Tries is how often in a row a peer may fail, with nothing verified in between,
	// before it is given up. Pause is between them.
	Tries int
	Pause backoff.Doubling
	// Patience bounds how long a peer is asked that says nothing but that it is busy.
	Patience time.Duration
	// LeastBusy keeps a peer that says "busy, come back at once" from making us spin.
	LeastBusy time.Duration
}

// DefaultPolicy pauses for 250 ms, 500 ms and 1 s: that bridges a lost connection or a
// restart, not a night.
func DefaultPolicy() Policy {
	return Policy{
		Tries:     4,
		Pause:     backoff.Doubling{First: 250 * time.Millisecond, Most: 8 * time.Second},
		Patience:  time.Minute,
		LeastBusy: 50 * time.Millisecond,
	}
}

// Busy is the error of a peer that wants to be asked later.
type Busy interface {
	error
	// RetryAfter is how much later.
	RetryAfter() time.Duration
}

// IsBusy reports whether err is of a busy peer, and how long to wait then.
func (p Policy) IsBusy(err error) (wait time.Duration, busy bool) {
	var b Busy
	if !errors.As(err, &b) {
		return 0, false
	}
	return max(b.RetryAfter(), p.LeastBusy), true
}

// A State is what is remembered of a peer. Its zero value is of a peer that has not
// failed. It is safe for concurrent use.
type State struct {
	mu       sync.Mutex
	failures int       // in a row, with nothing verified in between
	failed   time.Time // when the last was counted
	busy     time.Time // since when the peer has said nothing but that it is busy
}

// Succeeded notes that the peer sent what was verified.
func (s *State) Succeeded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures, s.busy = 0, time.Time{}
}

// After is how long to wait after err, and whether the peer is asked again. Wrong
// bytes and refusals end it at once, failures in a row and a peer that is busy for too
// long end it in time.
func (s *State) After(p Policy, err error) (wait time.Duration, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait, busy := p.IsBusy(err); busy {
		if s.busy.IsZero() {
			s.busy = time.Now()
		}
		return wait, time.Since(s.busy)+wait <= p.Patience
	}
	if !errors.Is(err, pdx.ErrUnavailable) {
		return 0, false
	}
	// When a connection ends, all its streams fail: that is one failure.
	if s.failures == 0 || time.Since(s.failed) > p.Pause.First/2 {
		s.failures, s.failed = s.failures+1, time.Now()
	}
	return p.Pause.After(s.failures - 1), s.failures < p.Tries
}
