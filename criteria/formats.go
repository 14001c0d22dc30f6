package criteria

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/json"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The media types of the formats that Formats has.
const (
	NDJSON = ndjson.MediaType
	JSON   = json.MediaType
	Folder = folder.MediaType
)

// Formats returns the formats of this version: a new one gets its line here.
func Formats() *format.Registry {
	files := []format.Format{
		ndjson.Format{},
		json.Format{},
	}
	return registry(append(files, folder.New(registry(files...)))...)
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
// The error is ErrFields, ErrData (with the record and its fault), ctx's, or that of src
// or dst. After an error dst is incomplete and must be discarded.
func Project(ctx context.Context, dst io.Writer, src format.Source, f format.File, d Disclosure) (format.Projection, error) {
	pointers, err := fields.Parse(d.Fields)
	if err != nil {
		return format.Projection{}, fmt.Errorf("%w: %v", ErrFields, err)
	}
	keep := fields.Selection{Tree: fields.NewTree(pointers), Positions: keepsPositions(d.Version)}
	if len(d.Skip) > 0 {
		keep.Skip = fields.NewSkip(d.Skip)
	}
	done, err := f.Project(ctx, dst, src, keep)
	if err == nil && keep.Skip != nil && keep.Skip.Left() > 0 {
		err = fmt.Errorf("%w: records of %s cannot be left out", ErrData, f.MediaType())
	}
	if err != nil {
		return format.Projection{}, fmt.Errorf("project: %w", err)
	}
	return done, nil
}

// Summary is what Survey found in a data file.
type Summary struct {
	// Fields are JSON pointers of the top-level members seen, sorted.
	Fields []string
	// Records is the number of records.
	Records uint64
}

var errManyFields = fmt.Errorf("%w: more than %d different top-level fields", ErrData, MaxTopLevel)

// Survey reads a data file and lists the top-level fields of its records, for its owner
// to choose from. The error is ErrData (with the record and its fault, or for more than
// MaxTopLevel fields), ctx's, or src's.
func Survey(ctx context.Context, src format.Source, f format.File) (Summary, error) {
	var summary Summary
	seen := map[string]struct{}{}
	head, err := format.Head(src)
	if err != nil {
		return Summary{}, err
	}
	if says := format.Sniff(head); says != "" { // before a line without an end is read
		return Summary{}, fmt.Errorf("%w: the file %s", ErrData, says)
	}
	err = format.Each(ctx, f.Read(src, format.Options{MaxRecord: MaxRecordBytes, FailFast: true}), func(raw []byte) error {
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
	return summary, nil
}
