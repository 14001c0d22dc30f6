package client

import (
	"errors"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client/light"
)

// EndpointHealth describes an endpoint as it is known now.
type EndpointHealth struct {
	Address string
	// Trouble is why the endpoint was last avoided; empty if it is healthy.
	Trouble string
	// Lied reports whether one of its answers was proven false and no later proof has
	// cleared it.
	Lied bool
}

// health is what is known of an endpoint.
type health struct {
	mu      sync.Mutex
	until   time.Time // until then other endpoints are asked first
	trouble string
	lied    bool
	times   int // failures in a row
}

// leftUntil returns until when other endpoints are asked first; zero if the endpoint
// is healthy.
func (h *health) leftUntil(now time.Time) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.until.After(now) {
		return h.until
	}
	return time.Time{}
}

// leave records a failure. A false answer counts for longer than many silences.
func (h *health) leave(now time.Time, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.times++
	pause := leavePause.After(h.times - 1)
	var lie *light.Lie
	if errors.As(why, &lie) {
		h.lied, pause = true, leaveLiar
	} else if h.lied {
		return // the false answer remains what is shown
	}
	h.trouble = why.Error()
	if until := now.Add(pause); until.After(h.until) {
		h.until = until
	}
}

// answered records an unproven answer, which does not clear an endpoint that lied.
func (h *health) answered() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.lied {
		h.until, h.trouble, h.times = time.Time{}, "", 0
	}
}

// proved records that a proof agreed with an earlier unproven answer. An endpoint that
// lied is cleared only after its time: it may lie about some questions only.
func (h *health) proved(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lied && h.until.After(now) {
		return
	}
	h.lied, h.until, h.trouble, h.times = false, time.Time{}, "", 0
}

func (p *endpoints) health() []EndpointHealth {
	var list []EndpointHealth
	for _, e := range p.list {
		e.health.mu.Lock()
		list = append(list, EndpointHealth{Address: e.address, Trouble: e.health.trouble, Lied: e.health.lied})
		e.health.mu.Unlock()
	}
	return list
}

// elsewhere reports whether another endpoint may answer what this one did not.
func elsewhere(err error) bool {
	switch status.Code(err) {
	case codes.NotFound, codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange, codes.AlreadyExists, codes.Aborted,
		codes.Unimplemented:
		return false
	}
	var refused *Refusal
	return !errors.As(err, &refused)
}

// failures holds the errors of all endpoints, in the order in which they were asked.
type failures []error

// error returns the only error itself, or all of them.
func (f failures) error() error {
	if len(f) == 1 {
		return f[0]
	}
	return f
}

// Error joins the texts of all errors.
func (f failures) Error() string {
	texts := make([]string, len(f))
	for i, err := range f {
		texts[i] = err.Error()
	}
	return "all endpoints fail: " + strings.Join(texts, "; ")
}

// Is tells what one of them is; that all is set wrong only when it is for all.
func (f failures) Is(target error) bool {
	is := 0
	for _, err := range f {
		if errors.Is(err, target) {
			is++
		}
	}
	return is == len(f) || is > 0 && target != pdx.ErrInvalid // the sentinel itself is asked for
}

// As finds the first of a type.
func (f failures) As(target any) bool {
	for _, err := range f {
		if errors.As(err, target) {
			return true
		}
	}
	return false
}
