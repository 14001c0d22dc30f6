package criteria

import (
	"context"
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
)

// errBeyond ends the reading of a dataset that has more bytes than allowed.
var errBeyond = errors.New("more bytes than allowed")

// input is a dataset under check. It stops one byte behind the greatest size that
// is allowed, and reports progress.
type input struct {
	ctx      context.Context //nolint:containedctx // a format may read a whole file in one step
	src      format.Source
	max      int64
	read     int64 // offset up to which bytes were read
	told     int64
	progress func(bytes uint64)
}

func newInput(ctx context.Context, src format.Source, maxBytes uint64, progress func(bytes uint64)) *input {
	return &input{ctx: ctx, src: src, max: int64(maxBytes), progress: progress}
}

// source is the dataset as its format sees it. One that is too large never seems to
// end at the byte where reading stops: what is cut off there is no record.
func (i *input) source() format.Source {
	size := i.src.Size
	if size > i.max {
		size = max(size, i.max+2)
	}
	return format.Source{ReaderAt: i, Size: size}
}

// size is the number of bytes that a report shows: one more than allowed stands
// for any number above.
func (i *input) size() uint64 { return uint64(min(i.src.Size, i.max+1)) }

// ReadAt implements io.ReaderAt. A source that ends before its size is
// io.ErrUnexpectedEOF; a check that was canceled ends here.
func (i *input) ReadAt(p []byte, off int64) (int, error) {
	end := int64(i.size())
	if off >= end {
		return 0, i.stop()
	}
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	want := p[:min(int64(len(p)), end-off)]
	n, err := i.src.ReadAt(want, off)
	i.passed(off + int64(n))
	switch {
	case n == len(p):
		return n, nil
	case n == len(want):
		return n, i.stop()
	case i.src.Size == format.Unknown && (err == nil || errors.Is(err, io.EOF)):
		i.src.Size = off + int64(n)
		return n, io.EOF
	case err == nil || errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// finish finds the size of a dataset that ends where its bytes do, if its format stopped
// reading before that. What is too large is not read to its end.
func (i *input) finish() error {
	buf := []byte(nil)
	for i.src.Size == format.Unknown {
		if buf == nil {
			buf = make([]byte, 64<<10)
		}
		_, err := i.ReadAt(buf, i.read)
		if errors.Is(err, io.EOF) || errors.Is(err, errBeyond) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stop is why reading stops at the end.
func (i *input) stop() error {
	if i.src.Size > i.max {
		return errBeyond
	}
	return io.EOF
}

// passed reports progress now and then.
func (i *input) passed(to int64) {
	i.read = max(i.read, to)
	if i.read-i.told >= progressEvery {
		i.tell(i.read)
	}
}

func (i *input) tell(bytes int64) {
	if i.told = bytes; i.progress != nil {
		i.progress(uint64(bytes))
	}
}
