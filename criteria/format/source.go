package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/medibloc/pdx"
)

// Source is the bytes of a dataset or of a file. It is read by one goroutine at a
// time.
type Source struct {
	io.ReaderAt
	Size int64
}

// Reader reads s from its beginning.
func (s Source) Reader() *io.SectionReader { return io.NewSectionReader(s, 0, s.Size) }

// ErrBackward: a Stream was read at an offset that has passed.
var ErrBackward = fmt.Errorf("%w: the format reads backward, and the data comes as a stream", pdx.ErrInvalid)

// Stream makes a Source of a reader that can only go forward: what is passed over
// is read and dropped. It is for formats that read from front to back, as all do
// that are registered now. A read before the offset that was reached is
// ErrBackward.
func Stream(r io.Reader, size int64) Source {
	return Source{&stream{r: bufio.NewReaderSize(r, 64<<10)}, size}
}

// Unknown is the Size of a Source that ends where its bytes do.
const Unknown = math.MaxInt64

// Flow is Stream of a reader whose size nobody knows yet. Only a Flowing format can read it.
func Flow(r io.Reader) Source { return Stream(r, Unknown) }

type stream struct {
	r  *bufio.Reader
	at int64
}

// ReadAt implements io.ReaderAt.
func (s *stream) ReadAt(p []byte, off int64) (int, error) {
	if off < s.at {
		return 0, fmt.Errorf("offset %d of %d: %w", off, s.at, ErrBackward)
	}
	passed, err := io.CopyN(io.Discard, s.r, off-s.at)
	s.at += passed
	if err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s.r, p)
	s.at += int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
