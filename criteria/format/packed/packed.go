package packed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/medibloc/pdx/criteria/format"
)

// method is a way of compression.
type method struct {
	name, mark, extension string
	open                  func(io.Reader) (io.ReadCloser, error)
}

var methods = []method{
	{"gzip", "\x1f\x8b", ".gz", func(r io.Reader) (io.ReadCloser, error) {
		d, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		return d, nil
	}},
	{"zstd", "\x28\xb5\x2f\xfd", ".zst", func(r io.Reader) (io.ReadCloser, error) {
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}},
}

// Name returns the name of what is in a file: without .gz or .zst, in any case.
func Name(file string) string {
	for _, m := range methods {
		if n := len(file) - len(m.extension); n > 0 && strings.EqualFold(file[n:], m.extension) {
			return file[:n]
		}
	}
	return file
}

// Open returns the content of a file of format f, and a function that ends the use of it. A
// file that is not packed, or whose format is of any bytes, is returned as it is. Reading
// what is damaged, or unpacks to too much, is format.ErrData. The content can be read at any
// offset, but going back means to unpack it again.
func Open(f format.Format, src format.Source) (format.Source, func(), error) {
	head, src, err := format.Ahead(src)
	if err != nil {
		return format.Source{}, nil, err
	}
	for _, m := range methods {
		if bytes.HasPrefix(head, []byte(m.mark)) && format.SniffFor(f, head) != "" {
			c := &content{method: m, src: src}
			return format.Source{ReaderAt: c, Size: MaxBytes + 1}, c.close, nil
		}
	}
	return src, func() {}, nil
}

// content is what is in a packed file.
type content struct {
	method method
	src    format.Source
	raw    *counted
	plain  io.ReadCloser // nil before the first read
	at     int64         // bytes that were unpacked
}

// ReadAt implements io.ReaderAt.
func (c *content) ReadAt(p []byte, off int64) (int, error) {
	if c.plain == nil || off < c.at {
		if err := c.begin(); err != nil {
			return 0, err
		}
	}
	if err := c.pass(off - c.at); err != nil {
		return 0, err
	}
	n := 0
	for n < len(p) {
		m, err := c.read(p[n:])
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *content) begin() (err error) {
	c.close()
	c.raw, c.at = &counted{r: c.src.Reader()}, 0
	c.plain, err = c.method.open(c.raw)
	return c.explain(err)
}

func (c *content) close() {
	if c.plain != nil {
		_ = c.plain.Close()
		c.plain = nil
	}
}

// pass unpacks n bytes that nobody wants.
func (c *content) pass(n int64) error {
	for buf := []byte(nil); n > 0; {
		if buf == nil {
			buf = make([]byte, min(n, 32<<10))
		}
		m, err := c.read(buf[:min(n, int64(len(buf)))])
		if n -= int64(m); err != nil && n > 0 {
			return err
		}
	}
	return nil
}

// read unpacks some bytes and holds the bounds.
func (c *content) read(p []byte) (int, error) {
	n, err := c.plain.Read(p)
	c.at += int64(n)
	switch {
	case c.at > MaxBytes:
		return n, fmt.Errorf("%w: it unpacks to more than %d GiB", format.ErrData, MaxBytes>>30)
	case c.at > freeBytes && c.at/MaxRatio > c.raw.n:
		return n, fmt.Errorf("%w: it unpacks to more than %d times its size, as a %s bomb does: if it is none, unpack it and add the result",
			format.ErrData, MaxRatio, c.method.name)
	}
	return n, c.explain(err)
}

// explain tells what is wrong with the packed data from what is wrong with its source.
func (c *content) explain(err error) error {
	switch {
	case err == nil || errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && c.plain != nil:
		return err
	case c.raw.failed != nil:
		return c.raw.failed
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the %s data is cut off: pack it again", format.ErrData, c.method.name)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("%w: the zstd data needs more than %d MiB to unpack: pack it with -19 or less, without --long",
			format.ErrData, maxWindow>>20)
	}
	return fmt.Errorf("%w: the %s data is damaged or has something behind it (%w): pack it again", format.ErrData, c.method.name, err)
}

// counted counts what is read of the packed data, and keeps the source's error.
type counted struct {
	r      io.Reader
	n      int64
	failed error
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.failed = err
	}
	return n, err
}
