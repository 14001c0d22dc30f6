// Package parquet is the format of Apache Parquet files: a record for each row, with a member
// for each column that has a value in it. docs/spec/parquet.md has the mapping.
//
// What a file says of itself is checked here before the library that decodes it sees it. All
// the same, a file can make that library fail, so the format is format.Fragile.
package parquet

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/medibloc/pdx/criteria/format"
)

// MediaType names the format.
const MediaType = "application/vnd.apache.parquet"

// Format is Parquet.
type Format struct{}

var (
	_ format.Fragile = Format{}
	_ format.Binary  = Format{}
)

// Binary implements format.Binary.
func (Format) Binary() string { return "a Parquet file" }

// MediaType implements format.Format.
func (Format) MediaType() string { return MediaType }

// Extensions implements format.Format.
func (Format) Extensions() []string { return []string{".parquet"} }

// Fragile implements format.Fragile.
func (Format) Fragile() string { return "a few bytes can make the library take all memory" }

// Counter implements format.File.
func (f Format) Counter() format.Counter { return format.CountByReading(f) }

// Read implements format.Format.
func (Format) Read(src format.Source, o format.Options) format.Reader {
	return &reader{src: &source{Source: src}, options: o}
}

// reader reads row group after row group.
type reader struct {
	src     *source
	options format.Options
	file    *parquet.File
	root    *node
	group   int // number of the next one
	rows    parquet.Rows
	left    int64 // rows of the present group
	batch   []parquet.Row
	ready   []parquet.Row // of batch, that were not given yet
	text    assembly
	ended   bool
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	row, err := r.row()
	if err != nil {
		return nil, err
	}
	r.text.limit = int(r.options.MaxRecord)
	err = r.text.row(r.root, row)
	switch {
	case errors.Is(err, errLong), err == nil && uint64(len(r.text.text)) > r.options.MaxRecord:
		r.ended = r.options.FailFast
		return nil, format.TooLong(r.options.MaxRecord)
	case errors.Is(err, errValue):
		return nil, badValue
	case err != nil:
		return nil, r.end(broken("%v", err))
	}
	return r.text.text, nil
}

// row is the next row, or io.EOF.
func (r *reader) row() (parquet.Row, error) {
	for len(r.ready) == 0 {
		if r.ended {
			return nil, io.EOF
		}
		if err := r.fill(); err != nil {
			return nil, r.end(err)
		}
	}
	row := r.ready[0]
	r.ready = r.ready[1:]
	return row, nil
}

// end is how reading ends.
func (r *reader) end(err error) error {
	r.ended, r.ready = true, nil
	if r.rows != nil {
		r.rows.Close()
		r.rows = nil
	}
	return err
}

// fill reads some rows, or goes to the next row group.
func (r *reader) fill() (err error) {
	if r.file == nil {
		if r.file, r.root, err = open(r.src); err != nil {
			return err
		}
		r.batch = make([]parquet.Row, rowBatch)
	}
	if r.rows == nil {
		return r.next()
	}
	n, err := r.rows.ReadRows(r.batch)
	r.ready, r.left = r.batch[:n], r.left-int64(n)
	switch {
	case r.src.failed != nil:
		return r.src.failed
	case err != nil && !errors.Is(err, io.EOF):
		return r.src.why(err)
	case r.left < 0 || n == 0 && r.left > 0:
		return broken("a row group with other rows than it says")
	case r.left == 0:
		r.rows.Close()
		r.rows = nil
	}
	return nil
}

// next goes to the next row group.
func (r *reader) next() error {
	groups := r.file.RowGroups()
	if r.group == len(groups) {
		r.ended = true
		return nil
	}
	if err := checkPages(r.src, r.file, r.group); err != nil {
		return err
	}
	r.rows, r.left = groups[r.group].Rows(), groups[r.group].NumRows()
	if r.group++; r.left == 0 {
		r.rows.Close()
		r.rows = nil
	}
	return nil
}
