package criteria

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/criteria/internal/strict"
)

// Checker checks datasets against one criteria document.
type Checker struct {
	doc       *Document
	disclosed []string
	fields    *fieldTree
	schema    *schema
	names     map[string]struct{} // that paths show
	opts      options

	busy sync.Mutex // the schema's meter serves one check
}

// Option changes what a Checker checks.
type Option func(*Checker)

// WithFields checks for the fields that a deal discloses, instead of for all
// that the document asks for. NewChecker refuses what Document.CheckFields does.
func WithFields(disclosed []string) Option {
	return func(c *Checker) { c.disclosed = slices.Clone(disclosed) }
}

// NewChecker compiles the document's schema. The error wraps ErrSchema (or its
// ErrRemote) when the schema is at fault, ErrFields when the fields are, and
// what schemas returned when one could not be had.
func NewChecker(doc *Document, schemas Schemas, opts ...Option) (*Checker, error) {
	c := &Checker{doc: doc, disclosed: doc.Pointers()}
	for _, opt := range opts {
		opt(c)
	}
	var err error
	if c.fields, err = doc.fieldTree(c.disclosed); err != nil {
		return nil, err
	}
	if c.schema, err = doc.compile(schemas, c.opts); err != nil {
		return nil, err
	}
	c.names = c.schema.names
	for _, field := range append(doc.Pointers(), c.disclosed...) {
		p, _ := parsePointer(field) // fieldTree has read it
		for _, name := range p {
			c.names[name] = struct{}{}
		}
	}
	return c, nil
}

// Check reads a dataset to its end and reports. progress, which may be nil, is
// told the bytes read so far, about once a megabyte and at the end. An error is
// no verdict: ctx's, the reader's, or ErrCost; data that breaks the criteria is
// a report that is not OK.
func (c *Checker) Check(ctx context.Context, data io.Reader, progress func(bytes uint64)) (Report, error) {
	c.busy.Lock()
	defer c.busy.Unlock()
	in := &counter{r: data, max: orLimit(c.doc.Bytes.Max, MaxDatasetBytes), progress: progress}
	r := &run{Checker: c, report: Report{Criteria: c.doc.id, Fields: slices.Clone(c.disclosed)}}
	for _, parts := range c.doc.unique {
		r.unique = append(r.unique, uniqueSet{parts, map[[16]byte]struct{}{}})
	}
	check := r.file
	if c.doc.MediaType == Folder {
		check = r.folder
	}
	if err := check(ctx, in, c.doc.MediaType); err != nil && !errors.Is(err, errBeyond) {
		return Report{}, fmt.Errorf("check dataset: %w", err)
	}
	r.whole(in)
	in.tell()
	return r.report, nil
}

func orLimit(n, limit uint64) uint64 {
	if n == 0 {
		return limit
	}
	return n
}

// run is one check.
type run struct {
	*Checker
	report Report
	unique []uniqueSet
}

func (r *run) maxRecords() uint64 {
	limit := uint64(math.MaxInt64)
	if n := len(r.unique); n > 0 {
		limit = MaxUniqueKeys / uint64(n)
	}
	return orLimit(r.doc.Records.Max, limit)
}

// file checks a file of records: up to the greatest number of them, and counts the
// rest. It ends with errBeyond where in does.
func (r *run) file(ctx context.Context, in io.Reader, mediaType string) error {
	split, err := newSplitter(in, mediaType, r.doc.MaxRecord())
	if err != nil {
		return err
	}
	for limit := r.maxRecords(); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := split.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errSyntax):
			r.add(0, []breach{{rule: RuleJSON}})
			_, err := io.Copy(io.Discard, in) // a report counts all bytes whatever is in them
			return err
		case err != nil && !errors.Is(err, errLong):
			return err
		}
		if r.report.Records++; r.report.Records > limit {
			continue
		}
		if errors.Is(err, errLong) {
			r.add(r.report.Records, []breach{{rule: RuleRecordBytesMax}})
			continue
		}
		list, err := r.record(ctx, raw, mediaType)
		if err != nil {
			return fmt.Errorf("record %d: %w", r.report.Records, err)
		}
		r.add(r.report.Records, list)
	}
}

// record is everything that is wrong with one record.
func (r *run) record(ctx context.Context, raw []byte, mediaType string) ([]breach, error) {
	if mediaType == NDJSON && blank(raw) {
		return []breach{{rule: RuleBlank}}, nil
	}
	value, err := strict.Decode(raw)
	if err != nil {
		var broken *strict.Error
		if errors.As(err, &broken) {
			return []breach{{broken.Path, broken.Rule}}, nil
		}
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return []breach{{rule: RuleObject}}, nil
	}
	var list []breach
	if uint64(len(raw)) < r.doc.RecordBytes.Min {
		list = append(list, breach{rule: RuleRecordBytesMin})
	}
	list = r.undisclosed(list, nil, r.fields, object)
	for i := range r.unique {
		if present, fresh := r.unique[i].add(object); !present || !fresh {
			list = append(list, breach{rule: fmt.Sprint(ruleUnique, i)})
		}
	}
	invalid, err := r.schema.meter.run(ctx, r.schema.root, object, len(raw))
	if err != nil {
		return nil, err
	}
	var failed *jsonschema.ValidationError
	if errors.As(invalid, &failed) {
		list = append(list, breaches(failed, object)...)
	}
	return list, nil
}

// blank tells whether a record has nothing but white space.
func blank(raw []byte) bool { return strict.NewScanner(raw).End() == nil }

// undisclosed appends what of value the tree does not disclose: the highest
// member, or the scalar where an object was disclosed in part. Where positions
// are kept, null is what stands for an element that was left out.
func (r *run) undisclosed(list []breach, path []strict.Step, tree *fieldTree, value any) []breach {
	if tree != nil && tree.whole {
		return list
	}
	switch value := value.(type) {
	case map[string]any:
		if tree != nil {
			for name, member := range value {
				list = r.undisclosed(list, append(slices.Clip(path), strict.Step{Name: name}), tree.children[name], member)
			}
			return list
		}
	case []any:
		if tree != nil {
			for i, element := range value {
				if element == nil && keepsPositions(r.doc.Version) {
					continue
				}
				list = r.undisclosed(list, append(slices.Clip(path), strict.Step{Index: i, IsIndex: true}), tree, element)
			}
			return list
		}
	}
	return append(list, breach{path, RuleUndisclosed})
}

// whole checks what only the end of the dataset shows.
func (r *run) whole(in *counter) {
	r.report.Bytes = in.n
	var list []breach
	for _, check := range []struct {
		broken bool
		rule   string
	}{
		{r.report.Records < max(1, r.doc.Records.Min), RuleRecordsMin},
		{r.report.Records > r.maxRecords(), RuleRecordsMax},
		{in.n < r.doc.Bytes.Min, RuleBytesMin},
		{in.n > in.max, RuleBytesMax},
	} {
		if check.broken {
			list = append(list, breach{rule: check.rule})
		}
	}
	r.add(0, list)
}

func (r *run) add(record uint64, list []breach) {
	if len(list) == 0 {
		return
	}
	found := r.findings(record, list)
	r.report.Total += uint64(len(found))
	if room := MaxFindings - len(r.report.Findings); room > 0 {
		r.report.Findings = append(r.report.Findings, found[:min(room, len(found))]...)
	}
	if r.report.Reason == 0 {
		r.report.Reason = pdx.RejectCriteria
	}
	if slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == RuleUndisclosed }) {
		r.report.Reason = pdx.RejectFields
	}
}
