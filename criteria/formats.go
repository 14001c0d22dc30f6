package criteria

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/dicom"
	"github.com/medibloc/pdx/criteria/format/fhir"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/format/packed"
	"github.com/medibloc/pdx/criteria/format/parquet"
	"github.com/medibloc/pdx/criteria/format/sidecar"
	"github.com/medibloc/pdx/criteria/format/table"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The media types of the formats that Formats has.
const (
	NDJSON  = ndjson.MediaType
	JSON    = json.MediaType
	Parquet = parquet.MediaType
	DICOM   = dicom.MediaType
	Folder  = folder.MediaType
	Files   = sidecar.MediaType
)

// The media types of tables and of FHIR.
var (
	CSV        = table.CSV.MediaType()
	TSV        = table.TSV.MediaType()
	FHIR       = fhir.JSON{}.MediaType()
	FHIRNDJSON = fhir.NDJSON{}.MediaType()
)

// Formats returns the formats of this version: a new one gets its line here.
func Formats() *format.Registry {
	files := []format.Format{
		ndjson.Format{},
		json.Format{},
		table.CSV,
		table.TSV,
		fhir.JSON{},
		fhir.NDJSON{},
		parquet.Format{},
		dicom.Format{},
	}
	return registry(append(files, folder.New(registry(files...)), sidecar.Format{})...)
}

// registry is format.New for formats that are known to fit together.
func registry(formats ...format.Format) *format.Registry {
	r, err := format.New(formats...)
	if err != nil {
		panic(err) // two formats of this version contradict each other; every test sees it
	}
	return r
}

// Disclosure is what a projection keeps of each record.
type Disclosure struct {
	// Version is that of the pool's criteria document, by whose rules records are
	// projected; 0 means 1.
	Version int
	Fields  []string // JSON pointers
	// Resources are the types of FHIR resources that are kept, as Checker.Resources says; nil
	// keeps all.
	Resources []string
	// Skip are the numbers of records that are left out, ascending from 1 as the check of
	// the whole projection counts them.
	Skip []uint64
}

// Project copies a file to dst and keeps of each record only the disclosed fields; the
// result is what a seller seals. The order of members, elements and records stays, and
// each kept value keeps its exact bytes.
//
// Objects and arrays that contain a disclosed field stay, without their other contents.
// A value that is not disclosed is left out of an object, and replaced by null in an
// array, so that every element keeps its position. Version 1 leaves it out of arrays,
// too; there Project refuses a record whose elements would move.
//
// A file that is compressed with gzip or zstd is projected unpacked.
//
// The error is ErrFields, ErrData (with the record and its fault), ctx's, or that of src
// or dst. After an error dst is incomplete and must be discarded.
func Project(ctx context.Context, dst io.Writer, src format.Source, f format.File, d Disclosure) (format.Projection, error) {
	pointers, err := fields.Parse(d.Fields)
	if err != nil {
		return format.Projection{}, fmt.Errorf("%w: %v", ErrFields, err)
	}
	plain, done, err := packed.Open(f, src)
	if err != nil {
		return format.Projection{}, err
	}
	defer done()
	keep := fields.Selection{Tree: fields.NewTree(pointers), Positions: keepsPositions(d.Version), Resources: d.Resources}
	if len(d.Skip) > 0 {
		keep.Skip = fields.NewSkip(d.Skip)
	}
	written, err := f.Project(ctx, dst, plain, keep)
	if err == nil && keep.Skip != nil && keep.Skip.Left() > 0 {
		err = fmt.Errorf("%w: records of %s cannot be left out", ErrData, f.MediaType())
	}
	if err != nil {
		return format.Projection{}, fmt.Errorf("project: %w", err)
	}
	return written, nil
}

// First returns the first n records of data that lie on their owner's machine as Check would
// read them, up to one of more than limit bytes.
func (c *Checker) First(ctx context.Context, data format.Source, limit uint64, n int) ([][]byte, error) {
	return format.First(ctx, c.format, data, format.Options{MaxRecord: limit, Shape: c.schema.shape}, n)
}

// Resources are the types of FHIR resources that the schema allows, which a projection for
// this document keeps; nil if it allows any, or the format does not split records by type.
func (c *Checker) Resources() []string {
	if _, splits := c.format.(format.Splitter); !splits {
		return nil
	}
	return c.schema.shape.Resources
}

// Summary is what Survey found in a data file.
type Summary struct {
	// Fields are JSON pointers of the top-level members seen, sorted.
	Fields []string
	// Records is the number of records.
	Records uint64
	// Notes are what was accepted and will not be in a projection.
	Notes []format.Note
}

var errManyFields = fmt.Errorf("%w: more than %d different top-level fields", ErrData, MaxTopLevel)

// Survey reads a data file, which may be compressed with gzip or zstd, and lists the top-level fields of its records, for its owner
// to choose from. The error is ErrData (with the record and its fault, or for more than
// MaxTopLevel fields), ctx's, or src's.
func Survey(ctx context.Context, src format.Source, f format.File) (Summary, error) {
	var summary Summary
	seen := map[string]struct{}{}
	src, done, err := packed.Open(f, src)
	if err != nil {
		return Summary{}, err
	}
	defer done()
	head, err := format.Head(src)
	if err != nil {
		return Summary{}, err
	}
	if says := format.SniffFor(f, head); says != "" { // before a line without an end is read
		return Summary{}, fmt.Errorf("%w: the file %s", ErrData, says)
	}
	in := f.Read(src, format.Options{MaxRecord: MaxRecordBytes, FailFast: true})
	err = format.Each(ctx, in, func(raw []byte) error {
		tree, err := strict.Parse(raw)
		if err != nil {
			return err
		}
		if tree.Root().Kind() != '{' {
			return &strict.Error{Rule: RuleObject}
		}
		summary.Records++
		for name := range tree.Root().Members() {
			seen[strict.Pointer([]strict.Step{{Name: string(name.Text())}})] = struct{}{}
		}
		if len(seen) > MaxTopLevel {
			return errManyFields
		}
		return nil
	})
	if err != nil {
		if says := format.SniffText(head); f.MediaType() == NDJSON && summary.Records == 0 && says != "" {
			return Summary{}, fmt.Errorf("%w: the file %s", err, says)
		}
		return Summary{}, fmt.Errorf("read fields: %w", err)
	}
	summary.Fields = slices.Sorted(maps.Keys(seen))
	if noter, ok := in.(format.Noter); ok {
		summary.Notes = noter.Notes()
	}
	return summary, nil
}
