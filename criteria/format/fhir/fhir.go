package fhir

import (
	"context"
	"io"
	"regexp"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
)

// JSON is one document: a Bundle, or what json.Format takes.
type JSON struct{}

// NDJSON is one resource on each line.
type NDJSON struct{ ndjson.Format }

var (
	_ format.File       = JSON{}
	_ format.File       = NDJSON{}
	_ format.Recognizer = JSON{}
	_ format.Splitter   = JSON{}
	_ format.Splitter   = NDJSON{}
)

// MediaType implements format.Format.
func (NDJSON) MediaType() string { return "application/fhir+ndjson" }

// Extensions implements format.Format.
func (NDJSON) Extensions() []string { return []string{".fhir.ndjson"} }

// Splits implements format.Splitter.
func (NDJSON) Splits() {}

// Project implements format.File.
func (f NDJSON) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	return ndjson.Project(ctx, dst, of(keep.Resources, f.Read(src, ownersOptions)), keep)
}

// Flows implements format.Flowing.
func (NDJSON) Flows() {}

// Counter implements format.File.
func (NDJSON) Counter() format.Counter { return ndjson.Format{}.Counter() }

// ownersOptions are those of an owner's projection.
var ownersOptions = format.Options{MaxRecord: format.MaxRecordBytes, FailFast: true}

// MediaType implements format.Format.
func (JSON) MediaType() string { return "application/fhir+json" }

// Extensions implements format.Format.
func (JSON) Extensions() []string { return []string{".fhir.json"} }

// Splits implements format.Splitter.
func (JSON) Splits() {}

// Recognizes implements format.Recognizer: a JSON file that is a Bundle is of this format.
func (JSON) Recognizes(f format.File, head []byte) bool {
	return f.MediaType() == json.MediaType && isBundle(head)
}

// bundle is how a Bundle begins. It must show in the first bytes, so that a reader knows
// what it reads before it holds any of it.
var bundle = regexp.MustCompile(`^[ \t\r\n]*\{[ \t\r\n]*"resourceType"[ \t\r\n]*:[ \t\r\n]*"Bundle"`)

func isBundle(head []byte) bool { return bundle.Match(head) }

// Read implements format.Format.
func (JSON) Read(src format.Source, o format.Options) format.Reader {
	return &either{src: src, options: o}
}

// Flows implements format.Flowing.
func (JSON) Flows() {}

// Counter implements format.File.
func (f JSON) Counter() format.Counter { return format.CountByReading(f) }

// Project implements format.File: a Bundle of type collection with the resources and nothing
// else, or what json.Format makes of another document.
func (JSON) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	head, src, err := format.Ahead(src)
	if err != nil {
		return format.Projection{}, err
	}
	if !isBundle(head) {
		return json.Format{}.Project(ctx, dst, src, keep)
	}
	cut, out, before := fields.NewCutter(keep), format.NewOutput(dst), begin+`,"entry":[`+"\n"
	err = format.Each(ctx, of(keep.Resources, newBundle(src, ownersOptions)), func(raw []byte) error {
		kept, err := cut.Cut(raw)
		if err != nil {
			return err
		}
		err = out.Record(before+`{"resource":`, kept, "}")
		before = ",\n"
		return err
	})
	if err != nil {
		return format.Projection{}, err
	}
	end := "\n]}\n"
	if out.Records() == 0 {
		end = begin + "}\n" // FHIR has no empty arrays
	}
	if err := out.Text(end); err != nil {
		return format.Projection{}, err
	}
	return out.Close()
}

const begin = `{"resourceType":"Bundle","type":"collection"`

// either reads a Bundle or another document, whichever it is.
type either struct {
	src     format.Source
	options format.Options
	reader  format.Reader
}

// Next implements format.Reader.
func (e *either) Next() ([]byte, error) {
	if e.reader == nil {
		head, src, err := format.Ahead(e.src)
		switch {
		case err != nil:
			return nil, err
		case isBundle(head):
			e.reader = newBundle(src, e.options)
		default:
			e.reader = json.Format{}.Read(src, e.options)
		}
	}
	return e.reader.Next()
}

// of leaves out the resources of other types; of none, it is r.
func of(types []string, r format.Reader) format.Reader {
	if types == nil {
		return r
	}
	return &only{types, r}
}
