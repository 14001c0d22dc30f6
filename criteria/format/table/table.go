package table

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// Format is tables with one separator.
type Format struct {
	mediaType  string
	extensions string
	comma      byte
}

var (
	// CSV has commas between cells.
	CSV = Format{"text/csv", ".csv", ','}
	// TSV has tabs between cells, and the quotes of CSV.
	TSV = Format{"text/tab-separated-values", ".tsv", '\t'}

	_ format.File = CSV
)

// MediaType implements format.Format.
func (f Format) MediaType() string { return f.mediaType }

// Extensions implements format.Format.
func (f Format) Extensions() []string { return []string{f.extensions} }

// Read implements format.Format.
func (f Format) Read(src format.Source, o format.Options) format.Reader { return newReader(f, src, o) }

// Flows implements format.Flowing.
func (Format) Flows() {}

// Counter implements format.File.
func (f Format) Counter() format.Counter { return format.CountByReading(f) }

// Project implements format.File: a table of the selected columns, in their order. Cells
// are quoted only where they must be, lines end with a line feed, and there is no byte
// order mark. A table without any of the columns is ErrData: it would be no table.
func (f Format) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	in, out := newReader(f, src, format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true}), format.NewOutput(dst)
	var columns []int
	begin := func() error {
		columns = chosen(in.columns, func(name string) bool {
			tree := keep.Tree.Child(name)
			return tree != nil && tree.Whole
		})
		if len(columns) == 0 {
			return fmt.Errorf("%w: line 1 names none of the columns to disclose", format.ErrData)
		}
		names := make([][]byte, len(in.columns))
		for i, c := range in.columns {
			names[i] = []byte(c.name)
		}
		return out.Text(string(f.appendLine(nil, names, columns)))
	}
	var line []byte
	err := format.Each(ctx, in, func([]byte) error {
		if columns == nil {
			if err := begin(); err != nil {
				return err
			}
		}
		line = f.appendLine(line[:0], in.cells, columns)
		return out.Record("", line, "")
	})
	if err == nil && columns == nil {
		err = begin()
	}
	if err != nil {
		return format.Projection{}, err
	}
	return out.Close()
}

// appendLine appends the cells with those numbers as a line.
func (f Format) appendLine(b []byte, cells [][]byte, numbers []int) []byte {
	for i, n := range numbers {
		if i > 0 {
			b = append(b, f.comma)
		}
		b = f.appendQuoted(b, cells[n], len(numbers) == 1)
	}
	return append(b, '\n')
}

// appendQuoted appends a cell, in quotes if it has a quote, a separator or a line end, or
// is the empty and only cell of its row, which would be a blank line.
func (f Format) appendQuoted(b, cell []byte, only bool) []byte {
	if blank := only && len(cell) == 0; !blank && bytes.IndexByte(cell, f.comma) < 0 && !bytes.ContainsAny(cell, "\"\r\n") {
		return append(b, cell...)
	}
	b = append(b, '"')
	b = append(b, bytes.ReplaceAll(cell, []byte(`"`), []byte(`""`))...)
	return append(b, '"')
}

// Sniff implements format.Sniffer. A byte order mark is allowed.
func (f Format) Sniff(head []byte) string {
	head = bytes.TrimPrefix(head, []byte(mark))
	if says := format.Sniff(head); says != "" {
		return says
	}
	line, _, more := bytes.Cut(head, []byte("\n"))
	if f.comma != ',' || !more || bytes.IndexByte(line, ',') >= 0 {
		return ""
	}
	switch {
	case bytes.IndexByte(line, ';') >= 0:
		return "has semicolons between its columns: save it with commas"
	case bytes.IndexByte(line, '\t') >= 0:
		return "has tabs between its columns: name it .tsv, or save it with commas"
	}
	return ""
}
