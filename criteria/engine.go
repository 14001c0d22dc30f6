package criteria

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/criteria/format"
)

// Engine does everything for which the bytes of a dataset are parsed. InProcess makes
// one that works in this process, package jail one that works in a child process.
type Engine interface {
	// Survey is the function Survey.
	Survey(ctx context.Context, src format.Source, f format.File) (Summary, error)
	// Project is the function Project.
	Project(ctx context.Context, dst io.Writer, src format.Source, f format.File, d Disclosure) (format.Projection, error)
	// Count counts the records of a file; 0 if they cannot be told apart.
	Count(ctx context.Context, src format.Source, f format.File) (uint64, error)
	// Tabulate is flat.Write.
	Tabulate(ctx context.Context, dst io.Writer, src format.Source, t flat.Table) (flat.Written, error)
	// Checker is NewChecker for a deal that discloses these fields. Close it after use.
	Checker(ctx context.Context, doc *Document, schemas Schemas, fields []string) (DatasetChecker, error)
}

// DatasetChecker checks datasets against one criteria document.
type DatasetChecker interface {
	// CheckKeys is that of Checker.
	CheckKeys(ctx context.Context, data format.Source, keys Keys, progress func(bytes uint64)) (Report, error)
	// CheckBroken is that of Checker.
	CheckBroken(ctx context.Context, data format.Source, most int, progress func(bytes uint64)) (Report, []uint64, error)
	// CheckProjection is that of Checker.
	CheckProjection(ctx context.Context, dst io.Writer, src format.Source, d Disclosure, most int) (Projected, error)
	// First is that of Checker.
	First(ctx context.Context, data format.Source, limit uint64, n int) ([][]byte, error)
	// Rows is that of Checker.
	Rows(
		ctx context.Context, data format.Source, f format.Format, take func(flat.Row) error, progress func(bytes uint64),
	) ([]flat.Column, bool, error)
	// Resources are those of Checker.
	Resources() []string
	// Close releases what the checker holds.
	Close()
}

// ErrNeedsJail: a format is read by a library that must not see foreign bytes in this
// process.
var ErrNeedsJail = fmt.Errorf("%w: files of this format are read in a child process only, and this program has none", pdx.ErrUnavailable)

// InProcess returns an engine that works in this process. It refuses, with ErrNeedsJail,
// formats that are format.Fragile.
func InProcess(formats *format.Registry) Engine { return inProcess{formats: formats} }

// InChild is InProcess for a process that has nothing to lose: it reads fragile formats.
// Options are those of its checkers.
func InChild(formats *format.Registry, opts ...Option) Engine {
	return inProcess{formats: formats, fragile: true, opts: opts}
}

type inProcess struct {
	formats *format.Registry
	fragile bool
	opts    []Option
}

// may refuses a fragile format.
func (e inProcess) may(f format.Format) error {
	if _, fragile := f.(format.Fragile); fragile && !e.fragile {
		return fmt.Errorf("%s: %w", f.MediaType(), ErrNeedsJail)
	}
	return nil
}

// Survey implements Engine.
func (e inProcess) Survey(ctx context.Context, src format.Source, f format.File) (Summary, error) {
	if err := e.may(f); err != nil {
		return Summary{}, err
	}
	return Survey(ctx, src, f)
}

// Project implements Engine.
func (e inProcess) Project(ctx context.Context, dst io.Writer, src format.Source, f format.File, d Disclosure) (format.Projection, error) {
	if err := e.may(f); err != nil {
		return format.Projection{}, err
	}
	return Project(ctx, dst, src, f, d)
}

// Count implements Engine.
func (e inProcess) Count(ctx context.Context, src format.Source, f format.File) (uint64, error) {
	if err := e.may(f); err != nil {
		return 0, err
	}
	return format.CountByReading(f).Records(ctx, src)
}

// Tabulate implements Engine.
func (inProcess) Tabulate(ctx context.Context, dst io.Writer, src format.Source, t flat.Table) (flat.Written, error) {
	return flat.Write(ctx, dst, src, t)
}

// Checker implements Engine.
func (e inProcess) Checker(_ context.Context, doc *Document, schemas Schemas, disclosed []string) (DatasetChecker, error) {
	c, err := NewChecker(doc, schemas, append(slices.Clone(e.opts), WithFields(disclosed), WithFormats(e.formats))...)
	if err != nil {
		return nil, err
	}
	if err := e.may(c.format); err != nil {
		return nil, err
	}
	return openChecker{c, e}, nil
}

// openChecker holds nothing that needs closing.
type openChecker struct {
	*Checker
	engine inProcess
}

// Rows implements DatasetChecker.
func (c openChecker) Rows(
	ctx context.Context, data format.Source, f format.Format, take func(flat.Row) error, progress func(bytes uint64),
) ([]flat.Column, bool, error) {
	if err := c.engine.may(f); err != nil {
		return nil, false, err
	}
	return c.Checker.Rows(ctx, data, f, take, progress)
}

// Close implements DatasetChecker.
func (openChecker) Close() {}
