package records

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
)

// copying writes a private file that is taken into use by finish. A sparing one
// compares what it is given with the original first, and makes a file only from
// where they differ: who discloses everything needs no second copy of it.
type copying struct {
	dir      string
	original *os.File // nil: not sparing
	ahead    *bufio.Reader
	same     int64 // bytes that were like the original's
	buffer   int   // bytes
	// sync makes the file durable, now or before it is relied on.
	sync func(*os.File) error

	file *os.File
	out  *bufio.Writer
}

const copyBuffer = 1 << 20

// newCopying writes about size bytes into a file in dir.
func newCopying(dir string, original *os.File, size uint64) (*copying, error) {
	c := &copying{dir: dir, original: original, buffer: int(min(size+1, copyBuffer)), sync: (*os.File).Sync}
	if original == nil {
		return c, c.begin()
	}
	c.ahead = bufio.NewReaderSize(original, c.buffer)
	return c, nil
}

// begin makes the file, with what was like the original.
func (c *copying) begin() (err error) {
	if c.file, err = os.CreateTemp(c.dir, TempPrefix); err != nil { // mode 0600
		return err
	}
	c.out = bufio.NewWriterSize(c.file, c.buffer)
	if c.original != nil {
		_, err = io.Copy(c.out, io.NewSectionReader(c.original, 0, c.same))
	}
	return err
}

// Write implements io.Writer.
func (c *copying) Write(p []byte) (int, error) {
	if c.file == nil {
		like := make([]byte, len(p))
		n, err := io.ReadFull(c.ahead, like)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		if n == len(p) && bytes.Equal(like, p) {
			c.same += int64(n)
			return n, nil
		}
		if err := c.begin(); err != nil {
			return 0, err
		}
	}
	return c.out.Write(p)
}

// finish gives the copy, which sync was called with then, its name by rename, and is where it
// lies: at path, or where the original does if that is the same to its end.
func (c *copying) finish(path string, rename func(from, to string) error) (string, error) {
	if c.file == nil {
		if _, err := c.ahead.ReadByte(); errors.Is(err, io.EOF) {
			return c.original.Name(), nil
		}
		if err := c.begin(); err != nil {
			return "", err
		}
	}
	if err := errors.Join(c.out.Flush(), c.sync(c.file), c.file.Close()); err != nil {
		return "", err
	}
	return path, rename(c.file.Name(), path)
}

// abandon removes what was not finished.
func (c *copying) abandon() {
	if c.file != nil {
		_ = c.file.Close()
		_ = os.Remove(c.file.Name()) // after finish there is none
	}
}
