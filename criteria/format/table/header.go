package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/medibloc/pdx/criteria/format"
)

// column is a column of a table.
type column struct {
	name   string
	member []byte // the name as JSON, and a colon
	kind   format.Column
}

// readHeader reads the header. What is wrong with it is a *format.Defect of the table.
func (f Format) readHeader(r *rows, shape *format.Shape) ([]column, error) {
	row, err := r.next(MaxHeaderBytes)
	switch {
	case errors.Is(err, errLong):
		return nil, noHeader("line 1 is longer than %d KiB: the first line must name the columns", MaxHeaderBytes>>10)
	case errors.Is(err, io.EOF):
		return nil, noHeader("the file is empty: the first line must name the columns")
	case err != nil:
		return nil, err
	case len(row) == 0:
		return nil, noHeader("line 1 is blank: it must name the columns")
	case bytes.IndexByte(row, 0) >= 0:
		return nil, noHeader("line 1 has a NUL byte: save the table as UTF-8 text")
	case !utf8.Valid(row):
		return nil, noHeader("line 1 is not UTF-8: save the table as UTF-8, in Excel as \"CSV UTF-8\"")
	case !bytes.Contains(row, quote) && bytes.IndexByte(row, '\r') >= 0:
		return nil, noHeader("line 1 has carriage returns without line feeds: save the table with the line ends of Unix or Windows")
	}
	names, err := split(nil, row, f.comma)
	if err != nil {
		return nil, noHeader("line 1 has wrong quotes: write a quote within quotes twice")
	}
	return columnsOf(names, shape)
}

func columnsOf(names [][]byte, shape *format.Shape) ([]column, error) {
	if len(names) > MaxColumns {
		return nil, noHeader("the header names %d columns: at most %d are allowed", len(names), MaxColumns)
	}
	columns, seen := make([]column, len(names)), make(map[string]int, len(names))
	for i, name := range names {
		text := string(name)
		switch before, twice := seen[text]; {
		case text == "":
			return nil, noHeader("column %d has no name: name it in line 1, or take it out", i+1)
		case twice:
			return nil, noHeader("columns %d and %d have the same name: rename one", before+1, i+1)
		case bytes.Contains(name, []byte("\ufeff")):
			return nil, noHeader("the name of column %d has a byte order mark: take it out", i+1)
		}
		seen[text] = i
		columns[i] = column{text, append(appendText(nil, name), ':'), shape.Column(text)}
	}
	return columns, nil
}

func noHeader(text string, args ...any) error {
	return &format.Defect{Rule: RuleHeader, Reason: fmt.Sprintf(text, args...)}
}

// chosen are the numbers of the columns that a selection keeps whole. A cell has no
// parts, so a pointer that leads on through a column keeps nothing of it.
func chosen(columns []column, keep func(name string) bool) []int {
	var list []int
	for i, c := range columns {
		if keep(c.name) {
			list = append(list, i)
		}
	}
	return slices.Clip(list)
}
