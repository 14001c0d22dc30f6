package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
)

// pulse records when one protocol of an endpoint, gRPC or RPC, last gave any answer, and
// since when an answer has been missing.
type pulse struct {
	mu      sync.Mutex
	waiting int       // calls under way
	since   time.Time // of the first call that has had no answer; zero: none
	failed  bool      // one that began since then ended without an answer
	heard   time.Time // the last answer
}

// begin records the start of a call; end must follow.
func (p *pulse) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	if p.since.IsZero() {
		p.since = time.Now()
	}
}

// end records the end of a call. A call that its caller gave up changes nothing.
func (p *pulse) end(answered, gaveUp bool) {
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

// silence returns how long an answer has been missing, and when the last one came.
func (p *pulse) silence(now time.Time) (missing time.Duration, heard time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.since.IsZero() {
		missing = now.Sub(p.since)
	}
	return missing, p.heard
}

// explain adds how long an endpoint has not answered to the error of a call, unless that is
// the first failure.
func (p *pulse) explain(address string, late bool, err error) error {
	missing, heard := p.silence(time.Now())
	switch {
	case late:
		return silentEndpoint(address, missing, heard)
	case missing < tellAfter:
		return deadEndpoint(address, err)
	}
	return &endpointError{fmt.Sprintf("%v (%s)", silentEndpoint(address, missing, heard), dialFault(err))}
}

// Silence returns nil unless every endpoint has been silent for at least that long over gRPC
// or RPC; then it returns a pdx.ErrUnavailable that names them.
func (c *Client) Silence(least time.Duration) error {
	var silent failures
	now := time.Now()
	for _, e := range c.ends.list {
		missing, heard, address := e.silence(now)
		if missing < least {
			return nil
		}
		silent = append(silent, silentEndpoint(address, missing, heard))
	}
	return silent.error()
}

// silence returns the longer silence of the two protocols.
func (e *endpoint) silence(now time.Time) (missing time.Duration, heard time.Time, address string) {
	missing, heard = e.rpcPulse.silence(now)
	address = e.address
	if m, h := e.grpcPulse.silence(now); m > missing {
		missing, heard, address = m, h, e.Target()
	}
	return missing, heard, address
}

func silentEndpoint(address string, missing time.Duration, heard time.Time) error {
	last := "it has not answered since this node started"
	if !heard.IsZero() {
		last = "the last answer came at " + message.Time(heard)
	}
	return &endpointError{fmt.Sprintf("%v: chain endpoint %s has not answered for %s; %s; %s",
		pdx.ErrUnavailable, address, message.Duration(missing), last, endpointCure)}
}

type patienceKey struct{}

// WithPatience bounds each query that is made with the context: all endpoints together have
// that long to start to answer.
func WithPatience(ctx context.Context, most time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, most)
}

// patience returns one endpoint's share of the time for a query, of that many endpoints.
func patience(ctx context.Context, most time.Duration, endpoints int) time.Duration {
	if all, ok := ctx.Value(patienceKey{}).(time.Duration); ok {
		return min(most, all/time.Duration(max(1, endpoints)))
	}
	return most
}
