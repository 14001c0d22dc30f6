package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// Project implements format.File: a Parquet file with the selected columns, and none of the
// metadata of the original beside their names and types.
func (Format) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	r := &reader{src: &source{Source: src}, options: format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true}}
	p := &projection{reader: r, out: &counted{w: dst}}
	err := p.run(ctx, keep.Tree)
	var defect *format.Defect
	if errors.As(err, &defect) {
		err = fmt.Errorf("%w: record %d: %w", format.ErrData, p.done.Records+1, defect)
	}
	p.done.Bytes = p.out.n
	return p.done, err
}

// rowWriter writes rows. The library's generic one wants a Go type, which a file has not.
type rowWriter interface {
	WriteRows(rows []parquet.Row) (int, error)
	Flush() error
	Close() error
}

// projection copies rows.
type projection struct {
	reader *reader
	out    *counted
	done   format.Projection

	columns []int // the number that a column has in the copy, -1 for one that is left out
	held    int64 // bytes of the rows in the present row group
	rows    int
}

func (p *projection) run(ctx context.Context, keep *fields.Tree) (err error) {
	r := p.reader
	if r.file, r.root, err = open(r.src); err != nil {
		return err
	}
	r.batch = make([]parquet.Row, rowBatch)
	p.columns = make([]int, r.root.leaves)
	for i := range p.columns {
		p.columns[i] = -1
	}
	next := 0
	copied := p.prune(r.root, r.file.Root(), keep, &next)
	if copied == nil {
		return &format.Defect{Rule: RuleParquet, Reason: "no column of the Parquet file is disclosed"}
	}
	var w rowWriter = parquet.NewWriter(p.out, parquet.NewSchema("schema", copied),
		parquet.Compression(&parquet.Snappy), parquet.CreatedBy("pdx", "1", ""), parquet.DataPageStatistics(false))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := r.row()
		if errors.Is(err, io.EOF) {
			return p.wrote(w.Close())
		}
		if err != nil {
			return err
		}
		if err := p.copy(w, row); err != nil {
			return err
		}
	}
}

// copy writes the selected columns of a row, which must have a form as a record.
func (p *projection) copy(w rowWriter, row parquet.Row) error {
	r := p.reader
	r.text.limit = format.MaxRecordBytes
	switch err := r.text.row(r.root, row); {
	case errors.Is(err, errLong):
		return format.TooLong(format.MaxRecordBytes)
	case errors.Is(err, errValue):
		return badValue
	case err != nil:
		return broken("%v", err)
	}
	kept := make(parquet.Row, 0, len(row))
	for _, v := range row {
		if to := p.columns[v.Column()]; to >= 0 {
			kept = append(kept, v.Level(v.RepetitionLevel(), v.DefinitionLevel(), to))
			p.held += sizeOf(v)
		}
	}
	if _, err := w.WriteRows([]parquet.Row{kept}); err != nil {
		return p.wrote(err)
	}
	p.done.Records++
	if p.rows++; p.rows < groupRows && p.held < groupBytes {
		return nil
	}
	p.rows, p.held = 0, 0
	return p.wrote(w.Flush())
}

// wrote is an error of the library's writer: that of what it writes to, if that failed.
func (p *projection) wrote(err error) error {
	if p.out.failed != nil {
		return p.out.failed
	}
	return err
}

// prune returns the part of a column that is kept, nil if none is, and numbers its leaves.
func (p *projection) prune(n *node, c *parquet.Column, keep *fields.Tree, next *int) parquet.Node {
	switch {
	case keep == nil:
		return nil
	case n.write != nil:
		if !keep.Whole {
			return nil
		}
		p.columns[n.first] = *next
		*next++
		return kept{Column: c}
	}
	var fields []parquet.Field
	for i, child := range c.Columns() {
		member, below := n.element, keep // what a list adds is no member
		if n.element == nil {
			member = n.children[i]
			below = keep.Child(member.name)
		}
		if part := p.prune(member, child, below, next); part != nil {
			fields = append(fields, part.(parquet.Field))
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return kept{Column: c, fields: fields}
}

// kept is a column with only some of those below it. It has no memory of how it was encoded.
type kept struct {
	*parquet.Column
	fields []parquet.Field
}

// Fields implements parquet.Node.
func (k kept) Fields() []parquet.Field { return k.fields }

// Encoding implements parquet.Node.
func (kept) Encoding() encoding.Encoding { return nil }

// Compression implements parquet.Node.
func (kept) Compression() compress.Codec { return nil }

// counted counts what is written, and keeps why writing failed.
type counted struct {
	w      io.Writer
	n      uint64
	failed error
}

// Write implements io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += uint64(n)
	if err != nil {
		c.failed = err
	}
	return n, err
}

// sizeOf is about how much of a row group a value takes.
func sizeOf(v parquet.Value) int64 {
	if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
		return int64(len(v.ByteArray())) + 8
	}
	return 8
}
