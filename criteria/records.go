package criteria

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// What a splitter says instead of a record.
var (
	errLong   = errors.New("record is too long") // skipped; the next one follows
	errSyntax = errors.New("not the media type") // nothing follows
)

// splitter cuts a dataset into the texts of its records. next is one record,
// valid until the next call and not yet checked to be JSON; io.EOF after the
// last; errLong, errSyntax, or an error of the reader.
type splitter interface {
	next() ([]byte, error)
}

func newSplitter(r io.Reader, mediaType string, maxRecord uint64) (splitter, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	switch mediaType {
	case NDJSON:
		return &lines{in: in, max: int(maxRecord)}, nil
	case JSON:
		return &elements{in: in, max: int(maxRecord)}, nil
	}
	return nil, fmt.Errorf("%w: media type %q: %s or %s is wanted", ErrData, mediaType, NDJSON, JSON)
}

// lines splits NDJSON: every line feed ends a record, and the end of the data
// ends a last one that is not empty. It yields blank lines; its callers decide.
type lines struct {
	in  *bufio.Reader
	max int
	buf []byte
}

func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long, some := false, false
	for {
		part, err := l.in.ReadSlice('\n')
		some = some || len(part) > 0
		part = bytes.TrimSuffix(part, []byte("\n"))
		if long = long || len(l.buf)+len(part) > l.max; !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || !some):
			return nil, err
		case long:
			return nil, errLong
		}
		return l.buf, nil
	}
}

// elements splits a JSON array into its elements, or yields the one document.
type elements struct {
	in    *bufio.Reader
	max   int
	buf   []byte
	state elementsState
	array bool // the records are in an array
}

type elementsState int

const (
	atStart elementsState = iota
	inArray
	atEnd
)

func (e *elements) next() ([]byte, error) {
	switch e.state {
	case atStart:
		return e.first()
	case inArray:
		raw, end, err := e.element()
		if err == nil && end == ']' {
			e.state = atEnd
		}
		return raw, err
	}
	if _, err := e.skipSpace(); err != nil {
		return nil, err
	}
	return nil, e.fail()
}

// fail ends the splitting.
func (e *elements) fail() error {
	e.state = atEnd
	e.in.Reset(eofReader{})
	return errSyntax
}

type eofReader struct{}

func (eofReader) Read([]byte) (int, error) { return 0, io.EOF }

func (e *elements) first() ([]byte, error) {
	c, err := e.skipSpace()
	if errors.Is(err, io.EOF) {
		return nil, e.fail()
	}
	if err != nil {
		return nil, err
	}
	if c != '[' {
		_ = e.in.UnreadByte()
		e.state = atEnd
		return e.document()
	}
	e.array = true
	c, err = e.skipSpace()
	if errors.Is(err, io.EOF) {
		return nil, e.fail()
	}
	if err != nil {
		return nil, err
	}
	if c == ']' {
		e.state = atEnd
		return e.next()
	}
	_ = e.in.UnreadByte()
	e.state = inArray
	return e.next()
}

func (e *elements) skipSpace() (byte, error) {
	for {
		c, err := e.in.ReadByte()
		if err != nil || !isSpace(c) {
			return c, err
		}
	}
}

// document is all of the rest: a single record, whose own end is checked when
// it is decoded.
func (e *elements) document() ([]byte, error) {
	e.buf = e.buf[:0]
	long := false
	for {
		c, err := e.in.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if long = long || len(e.buf) >= e.max; !long {
			e.buf = append(e.buf, c)
		}
	}
	if long {
		return nil, errLong
	}
	return e.buf, nil
}

// element reads up to the comma or bracket that ends an element; end is that byte.
func (e *elements) element() (raw []byte, end byte, err error) {
	e.buf = e.buf[:0]
	long, depth, quoted, escaped := false, 0, false, false
	for {
		c, err := e.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, 0, e.fail()
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
			return e.end(long, c)
		case c == '}' || c == ']':
			depth--
		}
		if len(e.buf) == 0 && isSpace(c) {
			continue
		}
		if long = long || len(e.buf) >= e.max; !long {
			e.buf = append(e.buf, c)
		}
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (e *elements) end(long bool, c byte) ([]byte, byte, error) {
	if long {
		if c == ']' {
			e.state = atEnd
		}
		return nil, c, errLong
	}
	return e.buf, c, nil
}
