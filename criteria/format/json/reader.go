package json

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
)

// reader splits a JSON array into its elements, or yields the one document.
type reader struct {
	in       *bufio.Reader
	max      uint64
	failFast bool
	buf      []byte
	state    state
	array    bool // whether the records are in an array; known after the first
}

type state int

const (
	atStart state = iota
	inArray
	atEnd
)

func newReader(src format.Source, o format.Options) *reader {
	return &reader{in: bufio.NewReaderSize(src.Reader(), 64<<10), max: o.MaxRecord, failFast: o.FailFast}
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	switch r.state {
	case atStart:
		return r.first()
	case inArray:
		raw, end, err := r.element()
		if err == nil && end == ']' {
			r.state = atEnd
		}
		return raw, err
	}
	if _, err := r.skipSpace(); err != nil {
		return nil, err
	}
	return nil, r.fail()
}

// fail ends the reading.
func (r *reader) fail() error {
	r.stop()
	return format.NotJSON
}

func (r *reader) stop() {
	r.state = atEnd
	r.in.Reset(bytes.NewReader(nil))
}

// hold adds a byte to the record that is read. long reports whether it is too long,
// which its other bytes cannot change; the error ends a reading that fails fast.
func (r *reader) hold(c byte, long bool) (bool, error) {
	if !long && uint64(len(r.buf)) < r.max {
		r.buf = append(r.buf, c)
		return false, nil
	}
	if r.failFast {
		r.stop()
		return true, format.TooLong(r.max)
	}
	return true, nil
}

func (r *reader) first() ([]byte, error) {
	c, err := r.skipSpace()
	if errors.Is(err, io.EOF) {
		return nil, r.fail()
	}
	if err != nil {
		return nil, err
	}
	if c != '[' {
		_ = r.in.UnreadByte()
		r.state = atEnd
		return r.document()
	}
	r.array = true
	c, err = r.skipSpace()
	if errors.Is(err, io.EOF) {
		return nil, r.fail()
	}
	if err != nil {
		return nil, err
	}
	if c == ']' {
		r.state = atEnd
		return r.Next()
	}
	_ = r.in.UnreadByte()
	r.state = inArray
	return r.Next()
}

func (r *reader) skipSpace() (byte, error) {
	for {
		c, err := r.in.ReadByte()
		if err != nil || !isSpace(c) {
			return c, err
		}
	}
}

// document reads everything that is left: a single record, whose end is checked
// when it is decoded.
func (r *reader) document() ([]byte, error) {
	r.buf = r.buf[:0]
	long := false
	for {
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if long, err = r.hold(c, long); err != nil {
			return nil, err
		}
	}
	if long {
		return nil, format.TooLong(r.max)
	}
	return r.buf, nil
}

// element reads up to the comma or bracket that ends an element; end is that byte.
func (r *reader) element() (raw []byte, end byte, err error) {
	r.buf = r.buf[:0]
	long, depth, quoted, escaped := false, 0, false, false
	for {
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, 0, r.fail()
		}
		if err != nil {
			return nil, 0, err
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			quoted, escaped = c != '"', c == '\\'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == ']'):
			return r.end(long, c)
		case c == '}' || c == ']':
			depth--
		}
		if len(r.buf) == 0 && isSpace(c) {
			continue
		}
		if long, err = r.hold(c, long); err != nil {
			return nil, 0, err
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (r *reader) end(long bool, c byte) ([]byte, byte, error) {
	if long {
		if c == ']' {
			r.state = atEnd
		}
		return nil, c, format.TooLong(r.max)
	}
	return r.buf, c, nil
}
