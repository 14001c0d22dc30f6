package ndjson

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// RuleBlank: a line has nothing but white space.
const RuleBlank = "blank-line"

var blankLine = &format.Defect{Rule: RuleBlank, Reason: "the line is blank", Record: true, Blank: true}

// reader splits lines.
type reader struct {
	in  *bufio.Reader
	max uint64
	buf []byte
}

func newReader(src format.Source, o format.Options) *reader {
	return &reader{in: bufio.NewReaderSize(src.Reader(), 64<<10), max: o.MaxRecord}
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	r.buf = r.buf[:0]
	long, some := false, false
	for {
		part, err := r.in.ReadSlice('\n')
		some = some || len(part) > 0
		part = bytes.TrimSuffix(part, []byte("\n"))
		if long = long || uint64(len(r.buf)+len(part)) > r.max; !long {
			r.buf = append(r.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || !some):
			return nil, err
		case long:
			return nil, format.TooLong
		case strict.NewScanner(r.buf).End() == nil:
			return nil, blankLine
		}
		return r.buf, nil
	}
}

// counter counts line feeds as they pass.
type counter struct {
	ends  uint64
	bytes uint64
	last  byte
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	if len(p) > 0 {
		c.bytes += uint64(len(p))
		c.ends += uint64(bytes.Count(p, []byte{'\n'}))
		c.last = p[len(p)-1]
	}
	return len(p), nil
}

// Records implements format.Counter. A last line counts without its line feed too.
func (c *counter) Records(context.Context, format.Source) (uint64, error) {
	if c.bytes > 0 && c.last != '\n' {
		return c.ends + 1, nil
	}
	return c.ends, nil
}
