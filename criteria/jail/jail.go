package jail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/sidecar"
)

// Config is what a Jail works with; all but Limits and Log must be given.
type Config struct {
	// Program is the path of a program whose main function calls Main with the formats
	// that the Jail is asked for.
	Program string
	Formats *format.Registry
	Limits  Limits
	Log     *slog.Logger
}

// Jail starts children and has them work. It is safe for concurrent use.
type Jail struct {
	program string
	formats *format.Registry
	limits  Limits
	log     *slog.Logger
	plain   atomic.Bool // the system gives no namespaces
	fences  atomic.Pointer[Fences]

	mu     sync.Mutex
	idle   []parked // the one that waits for longest first
	closed bool
}

// parked is a child without work. owner is the checker that it compiled, nil for one that
// takes any job.
type parked struct {
	process *process
	owner   *checker
}

var _ criteria.Engine = (*Jail)(nil)

// New makes a Jail and starts nothing.
func New(c Config) (*Jail, error) {
	if c.Program == "" || c.Formats == nil {
		return nil, fmt.Errorf("jail: %w: no program, or no formats", pdx.ErrInvalid)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Jail{program: c.Program, formats: c.Formats, limits: c.Limits, log: c.Log}, nil
}

// Fences says what the last child was kept in by. Before the first it starts one.
func (j *Jail) Fences() (Fences, error) {
	if f := j.fences.Load(); f != nil {
		return *f, nil
	}
	p, err := j.start(j.limits.with(baseMemory, 0))
	if err != nil {
		return Fences{}, err
	}
	j.park(parked{process: p})
	return p.fences, nil
}

// Close ends the children that wait for work. Those at work end with it.
func (j *Jail) Close() {
	j.mu.Lock()
	idle := j.idle
	j.idle, j.closed = nil, true
	j.mu.Unlock()
	for _, p := range idle {
		p.process.end()
	}
}

// Survey implements criteria.Engine.
func (j *Jail) Survey(ctx context.Context, src format.Source, f format.File) (criteria.Summary, error) {
	if unparsed(f) {
		return criteria.InProcess(j.formats).Survey(ctx, src, f)
	}
	r, err := j.once(ctx, f, job{Verb: verbSurvey}, work{source: src})
	if err != nil {
		return criteria.Summary{}, err
	}
	return r.summary()
}

// Project implements criteria.Engine.
func (j *Jail) Project(
	ctx context.Context, dst io.Writer, src format.Source, f format.File, d criteria.Disclosure,
) (format.Projection, error) {
	if unparsed(f) {
		return criteria.InProcess(j.formats).Project(ctx, dst, src, f, d)
	}
	out := &countedWriter{w: dst}
	r, err := j.once(ctx, f, job{Verb: verbProject, Fields: d.Fields, Version: d.Version, Resources: d.Resources, Skip: d.Skip}, work{source: src, output: out})
	if err == nil && r.Bytes != out.n {
		err = &Error{Cause: Nonsense}
	}
	if err != nil {
		return format.Projection{}, err
	}
	return format.Projection{Records: r.Records, Bytes: r.Bytes}, nil
}

// Count implements criteria.Engine.
func (j *Jail) Count(ctx context.Context, src format.Source, f format.File) (uint64, error) {
	if unparsed(f) {
		return criteria.InProcess(j.formats).Count(ctx, src, f)
	}
	r, err := j.once(ctx, f, job{Verb: verbCount}, work{source: src})
	return r.Records, err
}

// unparsed reports whether all bytes are of the format: there is nothing that a child would read.
func unparsed(f format.File) bool {
	_, opaque := f.(sidecar.Opaque)
	return opaque
}

// once does a job for which nothing is to be prepared.
func (j *Jail) once(ctx context.Context, f format.Format, what job, w work) (result, error) {
	what.MediaType, what.Size = f.MediaType(), w.source.Size
	limits := j.limits.with(forRecords(criteria.MaxRecordBytes)+fragileMemory, what.Size)
	again := reusable(f, what.Size)
	p := j.take(nil)
	if p == nil || !again {
		var err error
		if p != nil {
			j.park(parked{process: p})
		}
		if p, err = j.start(limits); err != nil {
			return result{}, err
		}
	}
	r, err := p.do(ctx, what, w, limits.Deadline)
	j.settle(ctx, parked{process: p}, again, err)
	return r, err
}

// reusable reports whether a child may go on with other work after data of a format.
func reusable(f format.Format, size int64) bool {
	_, fragile := f.(format.Fragile)
	_, folder := f.(format.Folder) // it may have fragile files
	return !fragile && !folder && size <= smallJob
}

// settle parks a child that may go on, and ends any other.
func (j *Jail) settle(ctx context.Context, p parked, again bool, err error) {
	var e *Error
	if errors.As(err, &e) {
		j.log.WarnContext(ctx, "a child that read data came to no result", "cause", string(e.Cause), "error", e.Err)
	}
	if p.process.ended {
		return
	}
	if again && p.process.jobs < maxJobs {
		j.park(p)
		return
	}
	p.process.end()
}

// park keeps a child for more work.
func (j *Jail) park(p parked) {
	j.mu.Lock()
	var out *process
	if j.closed {
		out = p.process
	} else {
		p.process.idle = time.AfterFunc(idleTime, func() { j.dismiss(p.process) })
		if j.idle = append(j.idle, p); len(j.idle) > maxIdle {
			out, j.idle = j.idle[0].process, j.idle[1:]
			out.idle.Stop()
		}
	}
	j.mu.Unlock()
	if out != nil {
		out.end()
	}
}

// take returns a child that waits for the work of owner, nil if there is none.
func (j *Jail) take(owner *checker) *process {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := len(j.idle) - 1; i >= 0; i-- {
		if p := j.idle[i]; p.owner == owner {
			j.idle = append(j.idle[:i], j.idle[i+1:]...)
			p.process.idle.Stop()
			return p.process
		}
	}
	return nil
}

// dismiss ends a child that has waited for long.
func (j *Jail) dismiss(p *process) {
	j.mu.Lock()
	found := false
	for i := range j.idle {
		if j.idle[i].process == p {
			j.idle, found = append(j.idle[:i], j.idle[i+1:]...), true
			break
		}
	}
	j.mu.Unlock()
	if found {
		p.end()
	}
}

// countedWriter counts what is written.
type countedWriter struct {
	w io.Writer
	n uint64
}

// Write implements io.Writer.
func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += uint64(n)
	return n, err
}
