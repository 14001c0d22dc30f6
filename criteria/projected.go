package criteria

import (
	"context"
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
)

// Projected is what CheckProjection wrote, and what it found in that.
type Projected struct {
	Written format.Projection
	Report  Report
	// Broken are the numbers of the records that break a rule, as CheckBroken returns them.
	Broken []uint64
}

// errUnprojected ends a check whose data ended early.
var errUnprojected = errors.New("the projection failed")

// CheckProjection is Project into dst, and CheckBroken of what is written, while it is
// written: the file is read once, and two cores work on it. The format of the document
// must be format.Flowing; else the error is format.ErrBackward.
//
// Data that break the criteria give a report that is not OK, and no error. An error is one
// of Project or of CheckBroken; after it, dst must be discarded.
func (c *Checker) CheckProjection(
	ctx context.Context, dst io.Writer, src format.Source, d Disclosure, most int,
) (done Projected, err error) {
	f, ok := c.format.(format.File)
	if !ok || !format.Flows(f) {
		return Projected{}, format.ErrBackward
	}
	plain, sink := io.Pipe()
	checked := make(chan error, 1)
	go func() {
		var err error
		done.Report, done.Broken, err = c.CheckBroken(ctx, format.Flow(plain), most, nil)
		if err == nil { // what is too large is not read to its end
			_, err = io.Copy(io.Discard, plain)
		}
		plain.CloseWithError(err)
		checked <- err
	}()
	written, err := Project(ctx, io.MultiWriter(dst, sink), src, f, d)
	if err != nil {
		sink.CloseWithError(errUnprojected)
	} else {
		_ = sink.Close()
	}
	if failed := <-checked; failed != nil && !errors.Is(failed, errUnprojected) {
		return Projected{}, failed
	}
	if err != nil {
		return Projected{}, err
	}
	done.Written = written
	return done, nil
}
