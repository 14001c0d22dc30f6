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

// Standing is how an endpoint is.
type Standing struct {
	Address string
	// Trouble is why it was left last, empty when it is well.
	Trouble string
	// Lied: what it said was proven false, and nothing since that it is not.
	Lied bool
}

// standing is what is known of an endpoint.
type standing struct {
	mu      sync.Mutex
	until   time.Time // until then others are asked first
	trouble string
	lied    bool
	times   int // in a row that it was left
}

// leftUntil is zero when the endpoint is to be asked in its turn.
func (s *standing) leftUntil(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until.After(now) {
		return s.until
	}
	return time.Time{}
}

// leave notes a failure; one lie counts for longer than many silences.
func (s *standing) leave(now time.Time, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times++
	pause := leavePause.After(s.times - 1)
	var lie *light.Lie
	if errors.As(why, &lie) {
		s.lied, pause = true, leaveLiar
	} else if s.lied {
		return // the lie stays what is shown
	}
	s.trouble = why.Error()
	if until := now.Add(pause); until.After(s.until) {
		s.until = until
	}
}

// answered notes an answer. It redeems nobody who lied.
func (s *standing) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lied {
		s.until, s.trouble, s.times = time.Time{}, "", 0
	}
}

// proved notes an answer that was proven and agreed with what was said without
// a proof. Who lied stays known as a liar for its time: it may lie about one
// thing only.
func (s *standing) proved(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lied && s.until.After(now) {
		return
	}
	s.lied, s.until, s.trouble, s.times = false, time.Time{}, "", 0
}

func (p *endpoints) standings() []Standing {
	var list []Standing
	for _, e := range p.list {
		e.standing.mu.Lock()
		list = append(list, Standing{Address: e.address, Trouble: e.standing.trouble, Lied: e.standing.lied})
		e.standing.mu.Unlock()
	}
	return list
}

// elsewhere reports whether another endpoint may answer what this one did not.
func elsewhere(err error) bool {
	switch status.Code(err) {
	case codes.NotFound, codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange, codes.AlreadyExists, codes.Aborted:
		return false
	}
	var refused *Refusal
	return !errors.As(err, &refused)
}

// failures are what all endpoints answered, each in its turn.
type failures []error

// error is the only one as it is.
func (f failures) error() error {
	if len(f) == 1 {
		return f[0]
	}
	return f
}

// Error is one after the other.
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
	return is == len(f) || is > 0 && target != pdx.ErrInvalid //nolint:errorlint // the sentinel itself is asked for
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
