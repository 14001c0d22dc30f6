package client

import (
	"errors"
	"fmt"
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
	// Unsteady says that the height of the endpoint goes back and forth, as behind a load
	// balancer of which one node stands still; empty if it does not.
	Unsteady string
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
	heights heights
}

// heights notices that the blocks that an endpoint shows jump back.
type heights struct {
	newest  int64
	back    int64     // the height to which it fell last
	backs   int       // falls, each after the newest had been reached
	fallen  bool      // the last answer was behind
	changed time.Time // of the last fall
}

const (
	// fallBlocks is how many blocks an endpoint may fall back without being unsteady: nodes
	// behind one address are a block or two apart.
	fallBlocks = 5
	// fallsUnsteady is how often it must fall back, and rise again in between.
	fallsUnsteady = 3
	// fallsKept is how long falls count.
	fallsKept = 10 * time.Minute
)

// note takes a height that the endpoint showed.
func (h *heights) note(height int64, now time.Time) {
	switch {
	case height+fallBlocks < h.newest && !h.fallen:
		if now.Sub(h.changed) > fallsKept {
			h.backs = 0
		}
		h.fallen, h.back, h.changed = true, height, now
		h.backs++
	case height+fallBlocks >= h.newest:
		h.fallen = false
	}
	h.newest = max(h.newest, height)
}

func (h *heights) text(now time.Time) string {
	if h.backs < fallsUnsteady || now.Sub(h.changed) > fallsKept {
		return ""
	}
	return fmt.Sprintf("its height goes back and forth between %d and %d: one of the nodes behind this address stands still or lags",
		h.back, h.newest)
}

// showed notes a height that the endpoint showed.
func (h *health) showed(height int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heights.note(height, time.Now())
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
		list = append(list, EndpointHealth{
			Address: e.address, Trouble: e.health.trouble, Lied: e.health.lied, Unsteady: e.health.heights.text(time.Now()),
		})
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
