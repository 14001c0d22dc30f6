// Package ndjson is the format of one JSON object on each line.
package ndjson

import (
	"context"
	"io"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// MediaType names the format.
const MediaType = "application/x-ndjson"

// Format is NDJSON. Every line feed ends a record, and the end of the data ends a
// last one that is not empty. A line of white space only is no record: a dataset
// must not have one, and a projection leaves it out.
type Format struct{}

var _ format.Flowing = Format{}

// MediaType implements format.Format.
func (Format) MediaType() string { return MediaType }

// Extensions implements format.Format.
func (Format) Extensions() []string { return []string{".ndjson", ".jsonl"} }

// Read implements format.Format.
func (Format) Read(src format.Source, o format.Options) format.Reader {
	return reader{format.NewLineReader(src, o)}
}

// Project implements format.File: NDJSON without blank lines.
func (f Format) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	return Project(ctx, dst, f.Read(src, format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true}), keep)
}

// Project writes what is kept of records as NDJSON.
func Project(ctx context.Context, dst io.Writer, records format.Reader, keep fields.Selection) (format.Projection, error) {
	cut, out := fields.NewCutter(keep), format.NewOutput(dst)
	err := format.Each(ctx, records, func(raw []byte) error {
		kept, err := cut.Cut(raw)
		if err != nil {
			return err
		}
		return out.Record("", kept, "\n")
	})
	if err != nil {
		return format.Projection{}, err
	}
	return out.Close()
}

// Flows implements format.Flowing.
func (Format) Flows() {}

// Counter implements format.File. It counts lines as they pass, whatever is in
// them.
func (Format) Counter() format.Counter { return &counter{} }
