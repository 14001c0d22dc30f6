package fhir

import (
	"bufio"
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// RuleExtra is broken by what a Bundle has beside resources: a dataset must not have it, and
// a projection leaves it out.
const RuleExtra = "fhir/extra"

var (
	extra = &format.Defect{Rule: RuleExtra, Reason: "the Bundle has something beside its resources", Blank: true}
	twice = &format.Defect{Rule: strict.RuleDuplicate, Reason: "the Bundle, or an entry of it, has a member twice"}
)

// reader yields the resources of a Bundle.
type reader struct {
	values
	options format.Options
	state   state
	seen    map[string]bool // members of the Bundle
	has     bool            // the present entry has had its resource
}

type state int

const (
	atStart state = iota
	inBundle
	inEntries
	inEntry
	atEnd
)

func newBundle(src format.Source, o format.Options) *reader {
	return &reader{
		values: values{in: bufio.NewReaderSize(src.Reader(), 64<<10)}, options: o,
		seen: map[string]bool{},
	}
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	for {
		raw, err := r.step()
		if errors.Is(err, io.EOF) && r.state != atEnd {
			err = format.NotJSON
		}
		if defect := (*format.Defect)(nil); errors.As(err, &defect) && !defect.Blank && !defect.Record || errors.Is(err, errStopped) {
			r.stop()
			r.state = atEnd
		}
		if errors.Is(err, errStopped) {
			err = format.TooLong(r.options.MaxRecord)
		}
		if raw != nil || err != nil {
			return raw, err
		}
	}
}

// step reads the next part. It returns the text of a resource, if that is one.
func (r *reader) step() ([]byte, error) {
	c, err := r.skipSpace()
	if err != nil {
		return nil, err
	}
	switch {
	case r.state == atStart && c == '{':
		r.state = inBundle
		return r.member(r.ofBundle)
	case r.state == inBundle && c == ',':
		return r.member(r.ofBundle)
	case r.state == inBundle && c == '}':
		r.state = atEnd
		return nil, nil
	case r.state == inEntries && c == ']':
		r.state = inBundle
		return nil, nil
	case r.state == inEntries && c == '{':
		r.state, r.has = inEntry, false
		return r.firstMember()
	case r.state == inEntry && c == ',':
		return r.member(r.ofEntry)
	case r.state == inEntry && c == '}':
		return nil, r.afterEntry()
	}
	return nil, format.NotJSON
}

// firstMember reads the first member of an entry, if it has any.
func (r *reader) firstMember() ([]byte, error) {
	switch c, err := r.skipSpace(); {
	case err != nil:
		return nil, err
	case c == '}':
		return nil, r.afterEntry()
	}
	_ = r.in.UnreadByte()
	return r.member(r.ofEntry)
}

// afterEntry goes to the next entry, or to the bracket behind the last.
func (r *reader) afterEntry() error {
	r.state = inEntries
	c, err := r.skipSpace()
	switch {
	case err != nil:
		return err
	case c == ',':
		if c, err = r.skipSpace(); err == nil && c != '{' {
			return format.NotJSON
		}
	case c != ']':
		return format.NotJSON
	}
	_ = r.in.UnreadByte()
	return err
}

// member reads a name and has the rest read by of.
func (r *reader) member(of func(name string) ([]byte, error)) ([]byte, error) {
	c, err := r.skipSpace()
	if err != nil {
		return nil, err
	}
	if c != '"' {
		return nil, format.NotJSON
	}
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	if c, err = r.skipSpace(); err != nil {
		return nil, err
	}
	if c != ':' {
		return nil, format.NotJSON
	}
	return of(name)
}

func (r *reader) ofBundle(name string) ([]byte, error) {
	if r.seen[name] && name != "" {
		return nil, twice
	}
	if name == "entry" || name == "type" || name == "resourceType" {
		r.seen[name] = true
	}
	if name == "entry" {
		c, err := r.skipSpace()
		if err == nil && c != '[' {
			err = format.NotJSON
		}
		r.state = inEntries
		return nil, err
	}
	raw, long, err := r.value(64, false)
	if err != nil || name == "resourceType" || name == "type" && !long && string(raw) == `"collection"` {
		return nil, err
	}
	return nil, extra
}

func (r *reader) ofEntry(name string) ([]byte, error) {
	if name != "resource" {
		if _, _, err := r.value(0, false); err != nil {
			return nil, err
		}
		return nil, extra
	}
	if r.has {
		return nil, twice
	}
	r.has = true
	raw, long, err := r.value(r.options.MaxRecord, r.options.FailFast)
	if err == nil && long {
		err = format.TooLong(r.options.MaxRecord)
	}
	return raw, err
}
