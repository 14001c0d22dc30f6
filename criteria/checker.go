package criteria

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Checker checks datasets against one criteria document.
type Checker struct {
	doc       *Document
	disclosed []string
	fields    *fieldTree
	schema    *schema
	names     map[string]struct{} // that paths show
	opts      options

	busy sync.Mutex // the evaluator serves one check
	eval *evaluator
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
	c.eval = c.schema.evaluator(doc.Version, c.shows)
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
			r.find(0, RuleJSON)
			_, err := io.Copy(io.Discard, in) // a report counts all bytes whatever is in them
			return err
		case err != nil && !errors.Is(err, errLong):
			return err
		}
		if r.report.Records++; r.report.Records > limit {
			continue
		}
		if errors.Is(err, errLong) {
			r.find(r.report.Records, RuleRecordBytesMax)
			continue
		}
		r.eval.begin(r.report.Records)
		if err := r.record(ctx, raw, mediaType); err != nil {
			return fmt.Errorf("record %d: %w", r.report.Records, err)
		}
		r.take()
	}
}

// record finds everything that is wrong with one record.
func (r *run) record(ctx context.Context, raw []byte, mediaType string) error {
	if mediaType == NDJSON && blank(raw) {
		r.eval.add(RuleBlank)
		return nil
	}
	tree, err := strict.Parse(raw)
	if err != nil {
		return r.broken(err)
	}
	record := tree.Root()
	if record.Kind() != '{' {
		r.eval.add(RuleObject)
		return nil
	}
	if uint64(len(raw)) < r.doc.RecordBytes.Min {
		r.eval.add(RuleRecordBytesMin)
	}
	r.undisclosed(r.fields, record)
	for i := range r.unique {
		if err := ctx.Err(); err != nil {
			return err
		}
		if present, fresh := r.unique[i].add(record); !present || !fresh {
			r.eval.add(fmt.Sprint(ruleUnique, i))
		}
	}
	return r.eval.run(ctx, record, len(raw))
}

// broken finds that a record is not strict JSON.
func (r *run) broken(err error) error {
	var broken *strict.Error
	if !errors.As(err, &broken) {
		return err
	}
	for _, s := range broken.Path {
		if s.IsIndex {
			r.eval.push(elementStep(s.Index))
		} else {
			r.eval.push(nameStep(s.Name))
		}
	}
	r.eval.add(broken.Rule)
	return nil
}

// blank reports whether a record has nothing but white space.
func blank(raw []byte) bool { return strict.NewScanner(raw).End() == nil }

// undisclosed finds what of value the tree does not disclose: the highest
// member, or the scalar where an object was disclosed in part. Where positions
// are kept, null is what stands for an element that was left out.
func (r *run) undisclosed(tree *fieldTree, value strict.Value) {
	switch kind := value.Kind(); {
	case tree == nil || kind != '{' && kind != '[' && !tree.whole:
		r.eval.add(RuleUndisclosed)
	case tree.whole:
	case kind == '{':
		for name, member := range value.Members() {
			r.eval.push(memberStep(name))
			r.undisclosed(tree.children[string(name.Text())], member)
			r.eval.pop()
		}
	default:
		for i, element := range value.Elements() {
			if element.Kind() != 'n' || !keepsPositions(r.doc.Version) {
				r.eval.push(elementStep(i))
				r.undisclosed(tree, element)
				r.eval.pop()
			}
		}
	}
}

// whole checks what only the end of the dataset shows.
func (r *run) whole(in *counter) {
	r.report.Bytes = in.n
	r.eval.begin(0)
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
			r.eval.add(check.rule)
		}
	}
	r.take()
}

// find takes one finding without a path into the report.
func (r *run) find(record uint64, rule string) {
	r.eval.begin(record)
	r.eval.add(rule)
	r.take()
}

// take moves what the recorder has into the report.
func (r *run) take() {
	found := r.eval.recorder
	if found.total == 0 {
		return
	}
	r.report.Total += found.total
	if free := MaxFindings - len(r.report.Findings); free > 0 {
		r.report.Findings = append(r.report.Findings, found.first[:min(free, len(found.first))]...)
	}
	if r.report.Reason == 0 {
		r.report.Reason = pdx.RejectCriteria
	}
	if found.undisclosed {
		r.report.Reason = pdx.RejectFields
	}
}
