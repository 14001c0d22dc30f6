package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/medibloc/pdx/criteria/format"
)

const mark = "\xef\xbb\xbf" // the byte order mark that Excel writes

// rows splits a table into rows. A row ends at the first line feed before which it has
// an even number of quotes, or with the data.
type rows struct {
	in       *bufio.Reader
	failFast bool
	began    bool
	buf      []byte
	number   uint64 // of the line in which the row begins, from 1
	lines    uint64 // line feeds that were read
	marked   bool   // it begins with a byte order mark
	returned bool   // a line ends with a carriage return
}

// errLong is a row that is longer than allowed. The next row follows, unless rows fails
// fast.
var errLong = errors.New("the row is too long")

func newRows(src format.Source, o format.Options) *rows {
	return &rows{in: bufio.NewReaderSize(src.Reader(), 64<<10), failFast: o.FailFast}
}

// next returns the text of the next row without its line end, valid until the following
// call and the caller's to change, or io.EOF. A row of more than limit bytes is errLong.
func (r *rows) next(limit uint64) ([]byte, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	r.buf, r.number = r.buf[:0], r.lines+1
	whole, long, open := true, false, false
	for {
		part, err := r.in.ReadSlice('\n')
		full, ended := errors.Is(err, bufio.ErrBufferFull), errors.Is(err, io.EOF)
		if err != nil && !full && !ended {
			return nil, err
		}
		if !full && !ended {
			r.lines++
		}
		if ended && whole && len(part) == 0 {
			return nil, io.EOF
		}
		open = open != (bytes.Count(part, quote)%2 == 1)
		done := ended || !full && !open
		switch long = long || uint64(len(r.buf)+len(part)) > limit+lineEnd; {
		case long && r.failFast:
			r.stop()
			return nil, errLong
		case long && done:
			return nil, errLong
		case done && whole:
			return r.trimEnd(part), nil
		case !long:
			r.buf = append(r.buf, part...)
		}
		if whole = false; done {
			return r.trimEnd(r.buf), nil
		}
	}
}

var quote = []byte{'"'}

// lineEnd is the longest line end: a carriage return and a line feed.
const lineEnd = 2

// begin passes a byte order mark.
func (r *rows) begin() error {
	if r.began {
		return nil
	}
	r.began = true
	head, err := r.in.Peek(len(mark))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(head) == mark {
		r.marked = true
		_, _ = r.in.Discard(len(mark))
	}
	return nil
}

// stop ends the reading: io.EOF follows.
func (r *rows) stop() { r.in.Reset(bytes.NewReader(nil)) }

// trimEnd removes a line feed and a carriage return before it, or before the end of the
// data.
func (r *rows) trimEnd(row []byte) []byte {
	row = bytes.TrimSuffix(row, []byte{'\n'})
	text, returned := bytes.CutSuffix(row, []byte{'\r'})
	r.returned = r.returned || returned
	return text
}
