package format

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A LineReader splits text: every line feed ends a line, and the end of the data ends a
// last one that is not empty.
type LineReader struct {
	in       *bufio.Reader
	max      uint64
	failFast bool
	buf      []byte
}

// NewLineReader returns the lines of src, of at most o.MaxRecord bytes each.
func NewLineReader(src Source, o Options) *LineReader {
	return &LineReader{in: bufio.NewReaderSize(src.Reader(), 64<<10), max: o.MaxRecord, failFast: o.FailFast}
}

// Next returns the next line without its line feed, valid until the following call,
// or io.EOF after the last. A line that is too long is TooLong.
func (l *LineReader) Next() ([]byte, error) {
	l.buf = l.buf[:0]
	long, some := false, false
	for whole := true; ; whole = false {
		part, err := l.in.ReadSlice('\n')
		some = some || len(part) > 0
		part = bytes.TrimSuffix(part, []byte("\n"))
		long = long || uint64(len(l.buf)+len(part)) > l.max
		switch {
		case long:
		case whole && err == nil:
			return part, nil
		default:
			l.buf = append(l.buf, part...)
		}
		switch {
		case long && l.failFast:
			l.in.Reset(bytes.NewReader(nil))
			return nil, TooLong(l.max)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || !some):
			return nil, err
		case long:
			return nil, TooLong(l.max)
		}
		return l.buf, nil
	}
}
