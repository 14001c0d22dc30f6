package table

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The rules that a table can break.
const (
	RuleHeader = "table-header" // the first row does not name the columns
	RuleQuotes = "table-quotes" // quotes that RFC 4180 does not allow
	RuleCells  = "table-cells"  // a row with more or fewer cells than the header
	RuleNUL    = "table-nul"    // a NUL byte
)

// reader yields the rows after the header.
type reader struct {
	format  Format
	options format.Options
	rows    *rows
	columns []column // nil until the header is read
	cells   [][]byte // of the row that was read last
	buf     []byte
}

func newReader(f Format, src format.Source, o format.Options) *reader {
	return &reader{format: f, options: o, rows: newRows(src, o)}
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	if err := r.header(); err != nil {
		return nil, err
	}
	row, err := r.rows.next(r.longest())
	if errors.Is(err, errLong) {
		return nil, r.tooLong()
	}
	if err != nil {
		return nil, err
	}
	if defect := r.take(row); defect != nil {
		return nil, defect
	}
	if r.buf = appendRow(r.buf[:0], r.columns, r.cells); uint64(len(r.buf)) > r.options.MaxRecord {
		if r.options.FailFast {
			r.rows.stop()
		}
		return nil, r.tooLong()
	}
	return r.buf, nil
}

// Notes implements format.Noter.
func (r *reader) Notes() (notes []format.Note) {
	if r.rows.marked {
		notes = append(notes, format.NoteMark)
	}
	if r.rows.returned {
		notes = append(notes, format.NoteCRLF)
	}
	return notes
}

// header reads the header, once. Nothing follows a defect.
func (r *reader) header() error {
	if r.columns != nil {
		return nil
	}
	var err error
	r.columns, err = r.format.readHeader(r.rows, r.options.Shape)
	if err == nil {
		return nil
	}
	if defect := (*format.Defect)(nil); errors.As(err, &defect) {
		r.rows.stop()
		r.columns = []column{}
	}
	return err
}

// longest is how many bytes the text of a row may have. The record of a longer one would
// be too long, whatever is in it: only a cell that is empty takes more bytes in the
// table, two quotes, than in the record, and each cell has a separator.
func (r *reader) longest() uint64 { return r.options.MaxRecord + 3*uint64(len(r.columns)) }

// take splits a row into cells.
func (r *reader) take(row []byte) *format.Defect {
	switch {
	case len(row) == 0:
		defect := r.wrong(ndjson.RuleBlank, "is blank")
		defect.Blank = true
		return defect
	case bytes.IndexByte(row, 0) >= 0:
		return r.wrong(RuleNUL, "has a NUL byte: save the table as UTF-8 text")
	case !utf8.Valid(row):
		return r.wrong(strict.RuleUTF8, "is not UTF-8: save the table as UTF-8, in Excel as \"CSV UTF-8\"")
	}
	cells, err := split(r.cells[:0], row, r.format.comma)
	if err != nil {
		return r.wrong(RuleQuotes, "has wrong quotes: a cell with a quote, a separator or a line end stands in quotes, "+
			"and a quote within them is written twice")
	}
	if r.cells = cells; len(cells) != len(r.columns) {
		defect := r.wrong(RuleCells, "")
		defect.Reason = fmt.Sprintf("the number of cells in line %d is %d; the header names %d columns",
			r.rows.number, len(cells), len(r.columns))
		return defect
	}
	return nil
}

// wrong is a defect of the row that was read last.
func (r *reader) wrong(rule, says string) *format.Defect {
	return &format.Defect{Rule: rule, Reason: fmt.Sprintf("line %d %s", r.rows.number, says), Record: true}
}

func (r *reader) tooLong() error {
	defect := format.TooLong(r.options.MaxRecord)
	defect.Reason = fmt.Sprintf("line %d: %s; perhaps a quote in it is never closed", r.rows.number, defect.Reason)
	return defect
}
