// Package json is the format of one JSON document: an array of objects, or one
// object.
package json

import (
	"context"
	"io"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// MediaType names the format.
const MediaType = "application/json"

// Format is JSON. White space, then an array, whose elements are the records, and
// white space; or any other value, which is the one record and reaches to the end
// of the data.
type Format struct{}

var _ format.Flowing = Format{}

// MediaType implements format.Format.
func (Format) MediaType() string { return MediaType }

// Extensions implements format.Format.
func (Format) Extensions() []string { return []string{".json"} }

// Read implements format.Format.
func (Format) Read(src format.Source, o format.Options) format.Reader { return newReader(src, o) }

// Flows implements format.Flowing.
func (Format) Flows() {}

// Counter implements format.File.
func (f Format) Counter() format.Counter { return format.CountByReading(f) }

// Project implements format.File: an array gives an array, a single document a
// single document.
func (Format) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	cut, out := fields.NewCutter(keep), format.NewOutput(dst)
	in := newReader(src, format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true})
	err := format.Each(ctx, in, func(raw []byte) error {
		kept, err := cut.Cut(raw)
		switch {
		case err != nil:
			return err
		case !in.array:
			return out.Record("", kept, "\n")
		case out.Records() == 0:
			return out.Record("[", kept, "")
		}
		return out.Record(",\n", kept, "")
	})
	if err != nil {
		return format.Projection{}, err
	}
	if err := out.Text(end(in.array, out.Records())); err != nil {
		return format.Projection{}, err
	}
	return out.Close()
}

// end is what stands behind the last record.
func end(array bool, records uint64) string {
	switch {
	case !array:
		return ""
	case records == 0:
		return "[]\n"
	}
	return "]\n"
}
