package fhir

import (
	"bufio"
	"bytes"
	"errors"

	"github.com/medibloc/pdx/criteria/format"
)

// errStopped ends a reading that fails fast at a value that is too long.
var errStopped = errors.New("a value is too long")

// values reads JSON values as text, without holding more than is wanted of them.
type values struct {
	in  *bufio.Reader
	buf []byte
}

func (v *values) stop() { v.in.Reset(bytes.NewReader(nil)) }

func (v *values) skipSpace() (byte, error) {
	for {
		c, err := v.in.ReadByte()
		if err != nil || !isSpace(c) {
			return c, err
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// name reads the rest of a name whose quote was read. One that has an escape is no name of a
// Bundle; a long one is "".
func (v *values) name() (string, error) {
	v.buf = v.buf[:0]
	for {
		switch c, err := v.in.ReadByte(); {
		case err != nil:
			return "", err
		case c == '\\' || c < ' ':
			return "", format.NotJSON
		case c == '"' && len(v.buf) > maxName:
			return "", nil
		case c == '"':
			return string(v.buf), nil
		case len(v.buf) <= maxName:
			v.buf = append(v.buf, c)
		}
	}
}

// maxName is longer than every name that means something.
const maxName = 64

// value reads the next value: a string; what is between brackets that match; or what goes up
// to a comma, a closing bracket or white space. It is long, and not held, if it has more than
// limit bytes; with failFast that is errStopped.
func (v *values) value(limit uint64, failFast bool) (raw []byte, long bool, err error) {
	v.buf = v.buf[:0]
	if _, err := v.skipSpace(); err != nil {
		return nil, false, err
	}
	_ = v.in.UnreadByte()
	for s := (span{}); ; {
		if _, err := v.in.Peek(1); err != nil {
			return nil, false, err
		}
		chunk, _ := v.in.Peek(v.in.Buffered())
		n, done := s.scan(chunk)
		switch long = long || uint64(len(v.buf)+n) > limit; {
		case n == 0 && len(v.buf) == 0 && !long:
			return nil, false, format.NotJSON // there is no value
		case long && failFast:
			return nil, true, errStopped
		case !long:
			v.buf = append(v.buf, chunk[:n]...)
		}
		if _, _ = v.in.Discard(n); done {
			return v.buf, long, nil
		}
	}
}

// span is a value that is being read.
type span struct {
	depth                   int
	quoted, escaped, scalar bool
}

// scan takes more bytes. done reports whether the value ends behind the first n of them.
func (s *span) scan(b []byte) (n int, done bool) {
	for i, c := range b {
		switch {
		case s.escaped:
			s.escaped = false
		case s.quoted:
			s.quoted, s.escaped = c != '"', c == '\\'
		case (s.scalar || s.depth == 0) && (c == ',' || c == '}' || c == ']' || isSpace(c)):
			return i, true
		case s.scalar:
		case c == '"':
			s.quoted = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			s.depth--
		case s.depth == 0:
			s.scalar = true
		}
		if s.depth == 0 && !s.quoted && !s.scalar {
			return i + 1, true
		}
	}
	return len(b), false
}
