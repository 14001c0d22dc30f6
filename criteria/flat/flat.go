package flat

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Format is a format of tables.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	Parquet Format = "parquet"
)

// Table is what a table is to be.
type Table struct {
	Format  Format
	Columns []Column
	// Spreadsheet makes CSV fit for spreadsheets: it begins with a byte order mark, and text
	// that a spreadsheet would take for a formula has an apostrophe before it.
	Spreadsheet bool
}

// Written is what was written.
type Written struct {
	Records, Bytes uint64
	// Formulas is how many cells and names a spreadsheet takes for formulas, unless they were
	// given an apostrophe.
	Formulas uint64
}

// Check says what is wrong with a table before it is written; pdx.ErrInvalid.
func (t Table) Check() error {
	switch {
	case t.Format != CSV && t.Format != Parquet:
		return fmt.Errorf("%w: format %q: choose %s or %s", pdx.ErrInvalid, t.Format, CSV, Parquet)
	case len(t.Columns) == 0:
		return fmt.Errorf("%w: the records have no members, so there are no columns: write them as NDJSON", pdx.ErrInvalid)
	case t.Format == Parquet && len(t.Columns) > MaxParquetColumns:
		return fmt.Errorf("%w: the records have %d columns, and Parquet files at most %d here: write them as CSV or NDJSON",
			pdx.ErrInvalid, len(t.Columns), MaxParquetColumns)
	}
	return nil
}

// sink takes the records of a table. A cell that a record does not have is the zero Value,
// and of null the Value null.
type sink interface {
	row(cells []cell) error
	close() error
	formulas() uint64
}

// cell is a value, or nothing.
type cell struct {
	strict.Value
	there bool
}

// Write writes the records of src, which is NDJSON as Row.Text has it, as a table.
func Write(ctx context.Context, dst io.Writer, src format.Source, t Table) (Written, error) {
	if err := t.Check(); err != nil {
		return Written{}, err
	}
	columns := &Columns{}
	if !columns.Add(t.Columns) || columns.Over || len(columns.List()) != len(t.Columns) {
		return Written{}, fmt.Errorf("%w: these are no columns of a table", pdx.ErrInvalid)
	}
	out := &counted{w: dst}
	var to sink
	if t.Format == CSV {
		to = newCSV(out, t)
	} else {
		to = newParquet(out, t.Columns)
	}
	done := Written{}
	lines := format.NewLineReader(src, format.Options{MaxRecord: format.MaxRecordBytes})
	cells := make([]cell, len(t.Columns))
	for {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = writeLine(to, &columns.root, cells, line)
		}
		if err != nil {
			return done, fmt.Errorf("record %d: %w", done.Records+1, err)
		}
		done.Records++
	}
	err := to.close()
	done.Bytes, done.Formulas = out.n, to.formulas()
	return done, err
}

func writeLine(to sink, root *node, cells []cell, line []byte) error {
	tree, err := strict.Parse(line)
	if err != nil {
		return err
	}
	clear(cells)
	spread(root, tree.Root(), cells)
	return to.row(cells)
}

// spread puts the values of an object into the cells of their columns.
func spread(at *node, object strict.Value, cells []cell) {
	for name, value := range object.Members() {
		member := at.child(name.Text())
		switch {
		case member == nil:
		case value.Kind() == '{' && value.Len() > 0:
			spread(member, value, cells)
		case member.column:
			cells[member.number] = cell{value, true}
		}
	}
}

// counted counts what is written.
type counted struct {
	w io.Writer
	n uint64
}

// Write implements io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += uint64(n)
	return n, err
}
