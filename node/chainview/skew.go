package chainview

import (
	"slices"
	"sync"
	"time"
)

// A Skew compares this machine's clock with the times of new blocks. A block is made for
// the moment at which it appears, so while blocks appear as fast as their times pass, the
// difference between the clocks is an error of one of them. A chain that halted, and blocks
// that are read again after a pause, do not look like that.
type Skew struct {
	now   func() time.Time
	since func(time.Time) time.Duration // by the monotonic clock

	mu      sync.Mutex
	samples []skewSample // oldest first
}

type skewSample struct {
	read  time.Time     // with its monotonic reading
	block time.Time     // of the chain
	ahead time.Duration // of this machine's clock
}

const (
	skewEvery  = 2 * time.Second  // between samples
	skewWindow = 20 * time.Second // that samples must span at least
	skewMost   = 12               // samples
)

// NewSkew returns a Skew without samples.
func NewSkew() *Skew { return &Skew{now: time.Now, since: time.Since} }

// Note takes the time of a block that was just read.
func (s *Skew) Note(block time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if n := len(s.samples); n > 0 && s.since(s.samples[n-1].read) < skewEvery {
		return
	}
	s.samples = append(s.samples, skewSample{read: now, block: block, ahead: now.Round(0).Sub(block)})
	if len(s.samples) > skewMost {
		s.samples = s.samples[1:]
	}
}

// Ahead returns how far this machine's clock is ahead of the chain's, negative if it is
// behind; false while that cannot be told.
func (s *Skew) Ahead() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.samples)
	if n < 3 {
		return 0, false
	}
	first, last := s.samples[0], s.samples[n-1]
	passed := s.since(first.read) - s.since(last.read)
	made := last.block.Sub(first.block)
	if passed < skewWindow || made < passed/2 || made > 2*passed || s.since(last.read) > 2*time.Minute {
		return 0, false
	}
	all := make([]time.Duration, n)
	for i, sample := range s.samples {
		all[i] = sample.ahead
	}
	slices.Sort(all)
	return all[n/2], true
}

// Reset forgets what was read before this machine's clock was set.
func (s *Skew) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples = nil
}
