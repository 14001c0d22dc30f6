// Package repeat thins out a log: a warning that is repeated is logged at growing intervals.
//
// It is the one place for this, so that whoever retries logs each failure and keeps no count.
package repeat

import (
	"container/list"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/medibloc/pdx/internal/backoff"
)

// intervals are the least times between two records that say the same.
var intervals = backoff.Doubling{First: time.Minute, Most: time.Hour}

// maxSeries bounds how many different warnings are remembered; the one that was silent for
// longest is forgotten first, and is logged at once when it comes again.
const maxSeries = 1024

// Handler passes on the first of a series of warnings or errors that say the same, and then
// only one after a minute, two minutes, and so on up to one an hour. Such a record has the
// attribute "repeated": how many were left out before it. Records below slog.LevelWarn are
// always passed on.
//
// Records say the same if they have the same message and attributes, apart from numbers and
// durations within texts: an error often has one in it. A series ends when it was silent for
// more than twice its interval; the next record is the first of a new one.
type Handler struct {
	to     slog.Handler
	said   *said
	prefix string // what the handler's own attributes add to a key
}

// New returns a Handler that passes records on to another one.
func New(to slog.Handler) *Handler {
	return &Handler{to: to, said: &said{series: map[string]*list.Element{}, order: list.New()}}
}

// Enabled asks the other handler.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.to.Enabled(ctx, level)
}

// Handle passes a record on, unless it is left out.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		left, pass := h.said.now(h.keyOf(r), r.Time)
		if !pass {
			return nil
		}
		if left > 0 {
			r = r.Clone()
			r.AddAttrs(slog.Int("repeated", left))
		}
	}
	return h.to.Handle(ctx, r)
}

// WithAttrs returns a Handler for records with further attributes. It shares the memory of
// what was said.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var key strings.Builder
	for _, a := range attrs {
		addKey(&key, a)
	}
	return &Handler{to: h.to.WithAttrs(attrs), said: h.said, prefix: h.prefix + key.String()}
}

// WithGroup returns a Handler whose attributes are in a group. It shares the memory of what
// was said.
func (h *Handler) WithGroup(name string) slog.Handler {
	return &Handler{to: h.to.WithGroup(name), said: h.said, prefix: h.prefix + "\x00" + name + "."}
}

func (h *Handler) keyOf(r slog.Record) string {
	var key strings.Builder
	key.WriteString(r.Level.String() + "\x00" + r.Message + h.prefix)
	r.Attrs(func(a slog.Attr) bool {
		addKey(&key, a)
		return true
	})
	return key.String()
}

// varies is what changes in a text from one failure to the next: numbers and durations.
var varies = regexp.MustCompile(`(?:\d[\d.]*(?:ns|µs|ms|s|m|h))+|\d[\d.]*(?: (?:day|hour|minute|second)s?\b)?`)

// addKey adds an attribute to a key. Numbers count as they are: they are ids. Of texts and
// errors, numbers and durations do not count.
func addKey(key *strings.Builder, a slog.Attr) {
	value := a.Value.Resolve()
	text := value.String()
	switch value.Kind() {
	case slog.KindString, slog.KindAny, slog.KindDuration, slog.KindTime:
		text = strings.Join(strings.Fields(varies.ReplaceAllString(text, " ")), " ")
	}
	key.WriteString("\x00" + a.Key + "=" + text)
}

// said is what was logged lately.
type said struct {
	mu     sync.Mutex
	series map[string]*list.Element
	order  *list.List // of *series, the one heard last at the front
}

// series is a warning that is repeated.
type series struct {
	key         string
	logged      int       // times that it was passed on
	left        int       // times that it was left out since then
	last, heard time.Time // when it was passed on, and when it came last
}

// now reports whether a record is passed on, and how many were left out before it.
func (s *said) now(key string, at time.Time) (left int, pass bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, known := s.series[key]
	if !known {
		s.add(&series{key: key, logged: 1, last: at, heard: at})
		return 0, true
	}
	s.order.MoveToFront(element)
	one := element.Value.(*series)
	interval := intervals.After(one.logged - 1)
	silent := at.Sub(one.heard)
	one.heard = at
	switch {
	case silent > 2*interval:
		one.logged = 1
	case at.Sub(one.last) < interval:
		one.left++
		return 0, false
	default:
		one.logged++
	}
	left, one.left, one.last = one.left, 0, at
	return left, true
}

func (s *said) add(one *series) {
	s.series[one.key] = s.order.PushFront(one)
	if s.order.Len() > maxSeries {
		oldest := s.order.Back()
		s.order.Remove(oldest)
		delete(s.series, oldest.Value.(*series).key)
	}
}
