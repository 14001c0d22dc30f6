package logfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// A Reader reads the lines of a folder, also while a File is written there. Its zero value reads
// nothing; make one with NewReader. It is not safe for concurrent use.
type Reader struct {
	folder string
	from   *os.File // nil: none was there yet
	begun  bool     // the older file was read
	rest   []byte   // of a line whose end is not written yet
}

// NewReader returns a Reader of a folder, which need not be there yet. The caller must close it.
func NewReader(folder string) *Reader { return &Reader{folder: folder} }

// Next returns the lines, without their ends, that were written since the last call; at first all
// that are kept. A line without an end is returned once it has one.
func (r *Reader) Next() (lines [][]byte, err error) {
	if !r.begun {
		if lines, err = r.whole(older); err != nil {
			return nil, err
		}
		r.begun = true
	}
	for {
		more, moved, err := r.read()
		if lines = append(lines, more...); err != nil || !moved {
			return lines, err
		}
	}
}

// whole reads the lines of a file, none if it is not there.
func (r *Reader) whole(name string) ([][]byte, error) {
	content, err := os.ReadFile(filepath.Join(r.folder, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	lines := r.split(content)
	if len(r.rest) > 0 { // nobody writes to this file any more
		lines, r.rest = append(lines, r.rest), nil
	}
	return lines, err
}

// read returns what is new in the file that is read, and whether another one is written by now, which is
// the next to be read.
func (r *Reader) read() (lines [][]byte, moved bool, err error) {
	if r.from == nil {
		r.from, err = os.Open(filepath.Join(r.folder, newest))
		if errors.Is(err, os.ErrNotExist) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
	}
	written, err := os.Stat(filepath.Join(r.folder, newest)) // first: what is read then is all of a file that is full
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, false, err
	}
	content, readErr := io.ReadAll(r.from)
	lines = r.split(content)
	own, ownErr := r.from.Stat()
	if err := errors.Join(readErr, ownErr); err != nil {
		return lines, false, err
	}
	if written == nil || os.SameFile(written, own) {
		return lines, false, nil
	}
	err = r.from.Close()
	r.from = nil
	return lines, true, err
}

// split cuts content into lines and keeps what has no end.
func (r *Reader) split(content []byte) (lines [][]byte) {
	content = append(r.rest, content...)
	for {
		line, rest, found := bytes.Cut(content, []byte("\n"))
		if !found {
			r.rest = bytes.Clone(line)
			return lines
		}
		lines, content = append(lines, line), rest
	}
}

// Close closes the file that is read.
func (r *Reader) Close() error {
	if r.from == nil {
		return nil
	}
	return r.from.Close()
}
