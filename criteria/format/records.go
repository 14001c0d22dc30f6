package format

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// Each calls each with every record of data that lies on its owner's machine.
// Blank records are passed over, and so are those that each finds to be skipped. The error is ErrData when a record cannot be read
// or each finds it broken, naming the record; else ctx's, the source's or each's.
func Each(ctx context.Context, r Reader, each func(raw []byte) error) error {
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := r.Next()
		var defect *Defect
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &defect) && defect.Blank:
			continue
		case err == nil:
			err = each(raw)
		}
		if errors.Is(err, fields.ErrSkipped) {
			continue
		}
		var broken *strict.Error
		if errors.As(err, &broken) || errors.As(err, &defect) {
			return fmt.Errorf("%w: record %d: %w", ErrData, n, err)
		}
		if err != nil {
			return err
		}
	}
}

// Preview returns the text of the first record of data that lies on its owner's
// machine, nil if there is none or it has more than o.MaxRecord bytes. It reads at
// most 32 MiB.
func Preview(ctx context.Context, f Format, src Source, o Options) ([]byte, error) {
	first, err := First(ctx, f, src, o, 1)
	if len(first) == 0 {
		return nil, err
	}
	return first[0], err
}

// First is Preview of the first n records, up to one that Preview does not show.
func First(ctx context.Context, f Format, src Source, o Options, n int) (first [][]byte, err error) {
	r := f.Read(Source{&budget{src, maxPreview}, src.Size}, o)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := r.Next()
		var defect *Defect
		switch {
		case errors.As(err, &defect) && defect.Blank:
			continue
		case defect != nil || errors.Is(err, io.EOF) || errors.Is(err, errBudget):
			return first, nil //nolint:nilerr // no record is no error
		case err != nil:
			return nil, err
		}
		if first = append(first, bytes.Clone(raw)); len(first) == n {
			return first, nil
		}
	}
}

// budget bounds how many bytes are read.
type budget struct {
	src  Source
	left int
}

var errBudget = errors.New("enough was read")

// ReadAt implements io.ReaderAt.
func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if len(p) > b.left {
		return 0, errBudget
	}
	b.left -= len(p)
	return b.src.ReadAt(p, off)
}

// CountByReading is the Counter of formats whose records are counted in the source,
// when it is complete.
func CountByReading(f Format) Counter { return counter{f} }

type counter struct{ format Format }

// Reads reports whether a counter is that of CountByReading: it parses the source when it
// is asked for the number of records.
func Reads(c Counter) bool {
	_, reads := c.(counter)
	return reads
}

// Write implements io.Writer.
func (counter) Write(p []byte) (int, error) { return len(p), nil }

// Records implements Counter. Long records are passed over, not held.
func (c counter) Records(ctx context.Context, src Source) (n uint64, err error) {
	r := c.format.Read(src, Options{MaxRecord: countedRecord})
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		_, err := r.Next()
		var defect *Defect
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case errors.As(err, &defect) && !defect.Record:
			return 0, nil
		case err != nil && defect == nil:
			return 0, err
		case defect == nil || !defect.Blank:
			n++
		}
	}
}
