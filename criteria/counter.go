package criteria

import (
	"errors"
	"io"
)

// errBeyond ends the reading of a dataset that has more bytes than allowed.
var errBeyond = errors.New("more bytes than allowed")

// counter counts what is read, and stops one byte after max.
type counter struct {
	r        io.Reader
	n, max   uint64
	told     uint64
	progress func(bytes uint64)
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	if c.n > c.max {
		return 0, errBeyond
	}
	if room := c.max + 1 - c.n; uint64(len(p)) > room {
		p = p[:room]
	}
	n, err := c.r.Read(p)
	c.n += uint64(n)
	if c.n-c.told >= progressEvery {
		c.tell()
	}
	return n, err
}

func (c *counter) tell() {
	if c.told = c.n; c.progress != nil {
		c.progress(c.n)
	}
}
