package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/medibloc/pdx"
)

// pulse tells when one way to an endpoint, gRPC or RPC, last gave an answer, of
// whatever kind, and since when one is missing.
type pulse struct {
	mu      sync.Mutex
	waiting int       // calls under way
	since   time.Time // of the first call that has had no answer; zero: none
	failed  bool      // one that began since then ended without an answer
	heard   time.Time // the last answer
}

// begin notes a call; end must follow.
func (p *pulse) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	if p.since.IsZero() {
		p.since = time.Now()
	}
}

// end notes how a call ended. One that its caller gave up says nothing, and takes
// nothing back that earlier ones said.
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

// silence is how long an answer has been missing, and when the last one came.
func (p *pulse) silence(now time.Time) (missing time.Duration, heard time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.since.IsZero() {
		missing = now.Sub(p.since)
	}
	return missing, p.heard
}

// explain says since when an endpoint has not answered, beside why a call failed
// just now; a first failure speaks for itself.
func (p *pulse) explain(address string, late bool, err error) error {
	missing, heard := p.silence(time.Now())
	switch {
	case late:
		return silentEndpoint(address, missing, heard)
	case missing < tellAfter:
		return err
	}
	return &silentError{fmt.Sprintf("%v (%v)", silentEndpoint(address, missing, heard), err)}
}

// Silence is nil unless every endpoint has been silent for at least that long, on
// one of its two ways; then it is pdx.ErrUnavailable and names them.
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

// silence is the longer one of both ways.
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
		last = "the last answer came at " + heard.Local().Format(time.TimeOnly)
	}
	return &silentError{fmt.Sprintf("%v: chain endpoint %s has not answered for %d s; %s; see chain.grpc, chain.rpc and chain.endpoints in config.yaml",
		pdx.ErrUnavailable, address, int(missing.Round(time.Second)/time.Second), last)}
}

// silentError is that of an endpoint that does not answer; it is pdx.ErrUnavailable.
type silentError struct{ text string }

// Error names the endpoint and says since when.
func (e *silentError) Error() string { return e.text }

// Unwrap is pdx.ErrUnavailable.
func (e *silentError) Unwrap() error { return pdx.ErrUnavailable }

type patienceKey struct{}

// WithPatience bounds each question to the chain that is asked with the context:
// all endpoints together have that long to begin to answer.
func WithPatience(ctx context.Context, most time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, most)
}

// patience returns one endpoint's share of the time for a question when there are that many.
func patience(ctx context.Context, most time.Duration, endpoints int) time.Duration {
	if all, ok := ctx.Value(patienceKey{}).(time.Duration); ok {
		return min(most, all/time.Duration(max(1, endpoints)))
	}
	return most
}
