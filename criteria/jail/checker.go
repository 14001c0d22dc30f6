package jail

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
)

// checker checks against one document, in a child that has compiled it. If that child has
// ended, another one compiles it again.
type checker struct {
	jail      *Jail
	doc       *criteria.Document
	fields    []string
	format    format.Format // nil: the child refuses it
	resources []string

	mu      sync.Mutex
	schemas map[pdx.ContentID][]byte // that were asked for
}

// Checker implements criteria.Engine.
func (j *Jail) Checker(
	ctx context.Context, doc *criteria.Document, schemas criteria.Schemas, fields []string,
) (criteria.DatasetChecker, error) {
	c := &checker{jail: j, doc: doc, fields: slices.Clone(fields), schemas: map[pdx.ContentID][]byte{}}
	c.format, _ = j.formats.Get(doc.MediaType)
	p, err := c.compile(ctx, func(id pdx.ContentID) ([]byte, error) {
		if schemas == nil {
			return criteria.Bundle()(id)
		}
		raw, err := schemas(id)
		if err == nil && len(raw) <= criteria.MaxSchemaBytes {
			c.schemas[id] = raw
		}
		return raw, err
	}, 0)
	if err != nil {
		return nil, err
	}
	j.park(parked{p, c})
	return c, nil
}

// compile starts a child that is ready to check data of size bytes.
func (c *checker) compile(ctx context.Context, schemas criteria.Schemas, size int64) (*process, error) {
	limits := c.jail.limits.with(forRecords(c.doc.MaxRecord())+fragileMemory, size)
	p, err := c.jail.start(limits)
	if err != nil {
		return nil, err
	}
	r, err := p.do(ctx, job{Verb: verbCompile, Document: c.doc.Raw(), Fields: c.fields}, work{schemas: schemas}, limits.Deadline)
	if err == nil && !r.resourcesFit() {
		err = &Error{Cause: Nonsense}
	}
	if err != nil {
		c.jail.settle(ctx, parked{process: p}, false, err)
		return nil, err
	}
	c.resources = r.Resources
	return p, nil
}

// CheckKeys implements criteria.DatasetChecker.
func (c *checker) CheckKeys(
	ctx context.Context, data format.Source, keys criteria.Keys, progress func(bytes uint64),
) (criteria.Report, error) {
	r, err := c.do(ctx, job{Verb: verbCheck, Keys: keys != nil}, work{source: data, keys: keys, progress: progress})
	if err != nil {
		return criteria.Report{}, err
	}
	return r.report(c.doc, slices.Clone(c.fields))
}

// CheckBroken implements criteria.DatasetChecker.
func (c *checker) CheckBroken(
	ctx context.Context, data format.Source, most int, progress func(bytes uint64),
) (criteria.Report, []uint64, error) {
	r, err := c.do(ctx, job{Verb: verbBroken, Most: most}, work{source: data, progress: progress})
	if err != nil {
		return criteria.Report{}, nil, err
	}
	return c.broken(r, most)
}

// broken is the result of a check that names broken records, if it fits together.
func (c *checker) broken(r result, most int) (criteria.Report, []uint64, error) {
	if len(r.BrokenRecords) > most || uint64(len(r.BrokenRecords)) > r.Broken || !slices.IsSorted(r.BrokenRecords) {
		return criteria.Report{}, nil, &Error{Cause: Nonsense}
	}
	report, err := r.report(c.doc, slices.Clone(c.fields))
	if err != nil {
		return criteria.Report{}, nil, err
	}
	return report, r.BrokenRecords, nil
}

// CheckProjection implements criteria.DatasetChecker.
func (c *checker) CheckProjection(
	ctx context.Context, dst io.Writer, src format.Source, d criteria.Disclosure, most int,
) (done criteria.Projected, err error) {
	if !format.Flows(c.format) {
		return criteria.Projected{}, format.ErrBackward
	}
	out := &countedWriter{w: dst}
	r, err := c.do(ctx, job{
		Verb: verbBoth, Most: most, Fields: d.Fields, Version: d.Version, Resources: d.Resources, Skip: d.Skip,
	}, work{source: src, output: out})
	if err == nil && (r.Written == nil || r.Written.Bytes != out.n) {
		err = &Error{Cause: Nonsense}
	}
	if err != nil {
		return criteria.Projected{}, err
	}
	done.Written = *r.Written
	done.Report, done.Broken, err = c.broken(r, most)
	if err != nil {
		return criteria.Projected{}, err
	}
	return done, nil
}

// First implements criteria.DatasetChecker.
func (c *checker) First(ctx context.Context, data format.Source, limit uint64, n int) ([][]byte, error) {
	r, err := c.do(ctx, job{Verb: verbFirst, Limit: limit, Most: n}, work{source: data})
	tooLong := func(record []byte) bool { return uint64(len(record)) > limit }
	if err == nil && (len(r.First) > n || slices.ContainsFunc(r.First, tooLong)) {
		err = &Error{Cause: Nonsense}
	}
	if err != nil {
		return nil, err
	}
	return r.First, nil
}

// Resources implements criteria.DatasetChecker.
func (c *checker) Resources() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.resources)
}

// do has a child that has compiled the document do a job with data.
func (c *checker) do(ctx context.Context, what job, w work) (result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what.Size = w.source.Size
	limits := c.jail.limits.with(0, what.Size)
	p := c.jail.take(c)
	if p != nil && p.limits.CPU < limits.CPU {
		p.end()
		p = nil
	}
	if p == nil {
		var err error
		if p, err = c.compile(ctx, c.stored, what.Size); err != nil {
			return result{}, err
		}
	}
	r, err := p.do(ctx, what, w, limits.Deadline)
	c.jail.settle(ctx, parked{p, c}, c.format != nil && reusable(c.format, what.Size), err)
	return r, err
}

// stored is a schema that was compiled before.
func (c *checker) stored(id pdx.ContentID) ([]byte, error) {
	if raw, ok := c.schemas[id]; ok {
		return raw, nil
	}
	return criteria.Bundle()(id)
}

// Close implements criteria.DatasetChecker.
func (c *checker) Close() {
	if p := c.jail.take(c); p != nil {
		p.end()
	}
}
