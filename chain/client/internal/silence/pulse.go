package silence

import (
	"fmt"
	"sync"
	"time"
)

// tellAfter is the silence after which an error says how long its endpoint has been silent.
const tellAfter = 3 * time.Second

// A Pulse records when one protocol of an endpoint, gRPC or RPC, last gave any answer, and
// since when an answer has been missing.
type Pulse struct {
	mu      sync.Mutex
	waiting int       // calls under way
	since   time.Time // of the first call that has had no answer; zero: none
	failed  bool      // one that began since then ended without an answer
	heard   time.Time // the last answer
}

// Begin records the start of a call; End must follow.
func (p *Pulse) Begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	if p.since.IsZero() {
		p.since = time.Now()
	}
}

// End records the end of a call. A call that its caller gave up changes nothing.
func (p *Pulse) End(answered, gaveUp bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	switch {
	case answered:
		p.heard, p.since, p.failed = time.Now(), time.Time{}, false
		if p.waiting > 0 {
			p.since = p.heard
		}
	case !gaveUp:
		p.failed = true
	case p.waiting == 0 && !p.failed:
		p.since = time.Time{}
	}
}

// Silence returns how long an answer has been missing, and when the last one came.
func (p *Pulse) Silence(now time.Time) (missing time.Duration, heard time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.since.IsZero() {
		missing = now.Sub(p.since)
	}
	return missing, p.heard
}

// Explain adds how long an endpoint has not answered to the error of a call, unless that is
// the first failure.
func (p *Pulse) Explain(address string, late bool, err error) error {
	missing, heard := p.Silence(time.Now())
	switch {
	case late:
		return Missing(address, missing, heard)
	case missing < tellAfter:
		return dead(address, err)
	}
	return &Error{fmt.Sprintf("%v (%s)", Missing(address, missing, heard), dialFault(err))}
}
