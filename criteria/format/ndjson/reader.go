package ndjson

import (
	"bytes"
	"context"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// RuleBlank is broken by a line of nothing but white space.
const RuleBlank = "blank-line"

var blankLine = &format.Defect{Rule: RuleBlank, Reason: "the line is blank", Record: true, Blank: true}

// reader yields lines that are not blank.
type reader struct{ lines *format.LineReader }

// Next implements format.Reader.
func (r reader) Next() ([]byte, error) {
	line, err := r.lines.Next()
	if err == nil && strict.NewScanner(line).End() == nil {
		err = blankLine
	}
	if err != nil {
		return nil, err
	}
	return line, nil
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
