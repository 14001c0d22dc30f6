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
	c, err := v.skipSpace()
	depth, quoted, escaped, scalar := 0, false, false, false
	for ; err == nil; c, err = v.in.ReadByte() {
		switch {
		case escaped:
			escaped = false
		case quoted:
			quoted, escaped = c != '"', c == '\\'
		case c == '"' && !scalar:
			quoted = true
		case !scalar && (c == '{' || c == '['):
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == '}' || c == ']' || isSpace(c)):
			_ = v.in.UnreadByte()
			if !scalar {
				return nil, false, format.NotJSON // there is no value
			}
			return v.buf, long, nil
		case depth == 0:
			scalar = true
		}
		if long = long || uint64(len(v.buf)) >= limit; !long {
			v.buf = append(v.buf, c)
		} else if failFast {
			return nil, true, errStopped
		}
		if depth == 0 && !quoted && !scalar {
			return v.buf, long, nil
		}
	}
	return nil, false, err
}
