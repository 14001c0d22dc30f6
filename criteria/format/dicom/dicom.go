// Package dicom is the format of DICOM files (PS3.10): one record for each file, of the
// elements of its header by keyword. Pixels, other binary values and private elements are
// never in it. docs/spec/dicom.md has the mapping.
//
// The reader is this package's own. It believes no length that does not fit into what
// surrounds it, and holds what a record has, not what a file has.
package dicom

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
)

// MediaType names the format.
const MediaType = "application/dicom"

// The rules that a DICOM file can break.
const (
	RuleDICOM = "dicom"       // not a DICOM file, or one whose lengths or order are wrong
	RuleValue = "dicom/value" // a value that is not what its representation says
)

// Format is DICOM.
type Format struct{}

var (
	_ format.File   = Format{}
	_ format.Binary = Format{}
)

// MediaType implements format.Format.
func (Format) MediaType() string { return MediaType }

// Extensions implements format.Format.
func (Format) Extensions() []string { return []string{".dcm", ".dicom"} }

// Binary implements format.Binary.
func (Format) Binary() string { return "a DICOM file" }

// Counter implements format.File.
func (f Format) Counter() format.Counter { return format.CountByReading(f) }

// Read implements format.Format.
func (Format) Read(src format.Source, o format.Options) format.Reader {
	return &reader{src: src, options: o}
}

type reader struct {
	src     format.Source
	options format.Options
	done    bool
}

// Next implements format.Reader.
func (r *reader) Next() ([]byte, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	text, _, err := record(r.src, r.options.MaxRecord)
	return text, err
}

// record reads a file and writes its record.
func record(src format.Source, limit uint64) ([]byte, *file, error) {
	f, err := parse(src, limit)
	if err != nil {
		return nil, nil, err
	}
	w := writer{charset: f.charset}
	if !w.object(f.elements) {
		return nil, nil, &format.Defect{
			Rule: RuleValue, Record: true, Reason: "a value of the DICOM file is not what its representation says: " + w.bad.String(),
		}
	}
	if f.long || uint64(len(w.text)) > limit {
		return nil, nil, format.TooLong(limit)
	}
	return w.text, f, nil
}

// Project implements format.File: a DICOM file with the selected elements, without pixels.
func (Format) Project(ctx context.Context, dst io.Writer, src format.Source, keep fields.Selection) (format.Projection, error) {
	if err := ctx.Err(); err != nil {
		return format.Projection{}, err
	}
	_, f, err := record(src, format.MaxRecordBytes)
	var defect *format.Defect
	if errors.As(err, &defect) {
		return format.Projection{}, fmt.Errorf("%w: record 1: %w", format.ErrData, err)
	}
	if err != nil {
		return format.Projection{}, err
	}
	out := f.encode(pick(f.elements, keep.Tree))
	n, err := dst.Write(out)
	return format.Projection{Records: 1, Bytes: uint64(n)}, err
}

// pick keeps the selected elements.
func pick(elements []element, keep *fields.Tree) (kept []element) {
	if keep == nil {
		return nil
	}
	for _, e := range elements {
		below := keep.Child(e.info.Keyword)
		if below == nil {
			continue
		}
		if e.vr == "SQ" {
			items := make([][]element, len(e.items))
			for i, item := range e.items {
				items[i] = pick(item, below)
			}
			e.items = items
		} else if !below.Whole {
			continue
		}
		kept = append(kept, e)
	}
	return kept
}
