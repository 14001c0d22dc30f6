package criteria

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/accept"
	"github.com/medibloc/pdx/criteria/internal/findings"
	"github.com/medibloc/pdx/criteria/internal/strict"
	"github.com/medibloc/pdx/criteria/rules"
)

// Checker checks datasets against one criteria document.
type Checker struct {
	doc       *Document
	formats   *format.Registry
	format    format.Format
	disclosed []string
	fields    *fields.Tree
	schema    *schema
	program   *accept.Program     // nil: the evaluator does everything
	captured  map[string]int      // members of records that are in keys, as program has them
	names     map[string]struct{} // that paths show
	opts      options
	newPool   bool

	busy sync.Mutex // the evaluator serves one check
	eval *evaluator
	idle []*accepter // for as many goroutines as worked at once
}

// Option changes what a Checker checks.
type Option func(*Checker)

// WithFields makes a Checker expect the fields that a deal discloses, JSON pointers,
// instead of all that the document asks for. NewChecker then returns the error of
// Document.CheckFields.
func WithFields(disclosed []string) Option {
	return func(c *Checker) { c.disclosed = slices.Clone(disclosed) }
}

// WithFormats makes a Checker read these formats instead of those of Formats.
func WithFormats(formats *format.Registry) Option {
	return func(c *Checker) { c.formats = formats }
}

// WithWorkers makes a Checker check records with n goroutines at once, besides the one that
// calls it, which reads and reports; 1 is the default and starts none.
func WithWorkers(n int) Option {
	return func(c *Checker) { c.opts.workers = n }
}

// ForNewPool makes NewChecker apply two rules of version 2 to documents of version 1,
// too: no cycles of references in the schema, and no texts that do not print.
func ForNewPool() Option {
	return func(c *Checker) { c.newPool, c.opts.refuseCycles = true, true }
}

// NewChecker compiles the document's schema. The error wraps ErrDocument if the format
// of its media type is unknown, ErrSchema (ErrRemote is one) if the schema is at fault,
// ErrFields if the fields are, and the error of schemas if a schema could not be
// obtained.
func NewChecker(doc *Document, schemas Schemas, opts ...Option) (*Checker, error) {
	c := &Checker{doc: doc, disclosed: doc.Pointers(), formats: Formats()}
	for _, opt := range opts {
		opt(c)
	}
	var err error
	if c.format, err = c.formats.Get(doc.MediaType); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	if demanding, ok := c.format.(format.Demanding); ok {
		if err := doc.meets(demanding.Demands()); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDocument, err)
		}
	}
	if c.newPool {
		if err := doc.checkPrints(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDocument, err)
		}
	}
	if c.fields, err = doc.fieldTree(c.disclosed); err != nil {
		return nil, err
	}
	if c.schema, err = doc.compile(schemas, c.opts); err != nil {
		return nil, err
	}
	c.compileProgram()
	c.names = c.schema.names
	for _, field := range append(doc.Pointers(), c.disclosed...) {
		p, _ := fields.ParsePointer(field) // fieldTree has read it
		for _, name := range p {
			c.names[name] = struct{}{}
		}
	}
	c.eval = c.schema.evaluator(doc.Version, c.shows)
	return c, nil
}

// Check reads a dataset and reports. progress, which may be nil, is called with the
// bytes read so far, about once a megabyte, and with all of them at the end. Data that
// break the criteria give a report that is not OK, and no error. An error means that
// there is no verdict: it is ctx's, the source's, ErrCost, or ErrRules.
func (c *Checker) Check(ctx context.Context, data format.Source, progress func(bytes uint64)) (Report, error) {
	return c.CheckKeys(ctx, data, nil, progress)
}

// CheckKeys is Check, and gives the canonical bytes of each record's keys to keys, which may
// be nil; docs/spec/duplicates.md has the bytes. They are those of the whole dataset only if
// the report is OK. A dataset has at most MaxUniqueKeys of them, or it breaks records/max.
func (c *Checker) CheckKeys(ctx context.Context, data format.Source, keys Keys, progress func(bytes uint64)) (Report, error) {
	r := &run{keys: keys}
	return c.check(ctx, data, r, progress)
}

// CheckBroken is Check, and returns the numbers of the records that break a rule, ascending:
// the first ones, most of them at the most.
func (c *Checker) CheckBroken(
	ctx context.Context, data format.Source, most int, progress func(bytes uint64),
) (report Report, broken []uint64, err error) {
	r := &run{most: most}
	report, err = c.check(ctx, data, r, progress)
	return report, r.wrong, err
}

// Rows gives each row of data to take, in order, with the digests of the document's unique
// keys, and returns the columns that the records have, and whether these are all. data is in
// format f: that of the document, or of a file of a folder. It judges nothing; rows that are
// no records are given by the rule that they break.
func (c *Checker) Rows(
	ctx context.Context, data format.Source, f format.Format, take func(flat.Row) error, progress func(bytes uint64),
) (columns []flat.Column, all bool, err error) {
	keys := make([]flat.KeyFunc, len(c.doc.unique))
	for i, key := range c.doc.unique {
		keys[i] = func(w io.Writer, record strict.Value) bool { return writeKey(w, key, record) }
	}
	in := newInput(ctx, data, MaxDatasetBytes, progress)
	options := format.Options{MaxRecord: c.doc.MaxRecord(), Shape: c.schema.shape}
	found, err := flat.Read(ctx, in.source(), f, options, keys, take)
	if err != nil {
		return nil, false, fmt.Errorf("read dataset: %w", err)
	}
	return found.List(), !found.Over, nil
}

func (c *Checker) check(ctx context.Context, data format.Source, r *run, progress func(bytes uint64)) (Report, error) {
	c.busy.Lock()
	defer c.busy.Unlock()
	in := newInput(ctx, data, orLimit(c.doc.Bytes.Max, MaxDatasetBytes), progress)
	r.checker, r.found, r.report = c, c.eval.recorder, Report{Criteria: c.doc.id, Fields: slices.Clone(c.disclosed)}
	if r.keys != nil && len(c.doc.unique) == 0 {
		r.identity = c.doc.identity()
	}
	if c.doc.rules != nil {
		r.rules = c.doc.rules.Begin()
	}
	for _, key := range c.doc.unique {
		r.unique = append(r.unique, uniqueSet{key, map[[16]byte]struct{}{}})
	}
	if err := r.records(ctx, in.source()); err != nil && !errors.Is(err, errBeyond) {
		return Report{}, fmt.Errorf("check dataset: %w", err)
	}
	if err := in.finish(); err != nil {
		return Report{}, fmt.Errorf("check dataset: %w", err)
	}
	if err := r.whole(ctx, in); err != nil {
		return Report{}, fmt.Errorf("check dataset: %w", err)
	}
	in.tell(int64(in.size()))
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
	checker *Checker
	found   *findings.Recorder // of the record under check
	report  Report
	unique  []uniqueSet
	keys    Keys       // nil: nobody wants them
	rules   *rules.Run // nil: the document has none
	// wrong are the first records that break a rule, most of them at the most.
	wrong []uint64
	most  int
	limit uint64 // of records that are checked
	// identity are the pointers that stand for a record whose document names no unique keys.
	identity []fields.Pointer
}

// record finds everything that is wrong with one record.
func (r *run) record(ctx context.Context, raw []byte) error {
	tree, err := strict.Parse(raw)
	if err != nil {
		return r.broken(err)
	}
	record := tree.Root()
	if record.Kind() != '{' {
		r.found.Add(RuleObject)
		return nil
	}
	if uint64(len(raw)) < r.checker.doc.RecordBytes.Min {
		r.found.Add(RuleRecordBytesMin)
	}
	r.undisclosed(r.checker.fields, record)
	for i := range r.unique {
		if err := ctx.Err(); err != nil {
			return err
		}
		present, fresh := r.unique[i].add(record)
		if !present || !fresh {
			r.found.Add(fmt.Sprint(ruleUnique, i))
		} else if err := r.giveKey(i, r.unique[i].key, record); err != nil {
			return err
		}
	}
	if len(r.unique) == 0 {
		if err := r.giveKey(0, r.identity, record); err != nil {
			return err
		}
	}
	if err := r.checker.eval.run(ctx, record, len(raw)); err != nil || r.rules == nil {
		return err
	}
	return ruleFault(r.rules.Record(ctx, record, len(raw), r.found.Add))
}

// broken records why a record is not strict JSON.
func (r *run) broken(err error) error {
	var broken *strict.Error
	if !errors.As(err, &broken) {
		return err
	}
	for _, s := range broken.Path {
		if s.IsIndex {
			r.found.Push(findings.Element(s.Index))
		} else {
			r.found.Push(findings.Name(s.Name))
		}
	}
	r.found.Add(broken.Rule)
	return nil
}

// undisclosed finds the parts of a value that the tree does not disclose: the
// highest member, or the scalar where an object was disclosed in part. Where
// positions are kept, null stands for an element that was left out.
func (r *run) undisclosed(tree *fields.Tree, value strict.Value) {
	switch kind := value.Kind(); {
	case tree == nil || kind != '{' && kind != '[' && !tree.Whole:
		r.found.Add(RuleUndisclosed)
		r.report.Reason = pdx.RejectFields
	case tree.Whole:
	case kind == '{':
		for name, member := range value.Members() {
			r.found.Push(findings.Member(name))
			r.undisclosed(tree.Children[string(name.Text())], member)
			r.found.Pop()
		}
	default:
		for i, element := range value.Elements() {
			if element.Kind() != 'n' || !keepsPositions(r.checker.doc.Version) {
				r.found.Push(findings.Element(i))
				r.undisclosed(tree, element)
				r.found.Pop()
			}
		}
	}
}
