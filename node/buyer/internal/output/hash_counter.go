package output

import (
	"context"
	"errors"
	"os"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/jail"
)

// hashCounter hashes and counts a file of records that is being written.
type hashCounter struct {
	hash    *blake3.Hasher
	bytes   uint64
	counter format.Counter // nil: records are not counted
	format  format.File    // of them
	engine  criteria.Engine
}

// newHashCounter counts the records of a file in a format; nil counts bytes only.
func newHashCounter(f format.File, engine criteria.Engine) *hashCounter {
	c := &hashCounter{hash: blake3.New()}
	if f != nil {
		c.counter, c.format, c.engine = f.Counter(), f, engine
	}
	return c
}

// Write implements io.Writer.
func (c *hashCounter) Write(p []byte) (int, error) {
	c.bytes += uint64(len(p))
	_, _ = c.hash.Write(p)
	if c.counter == nil {
		return len(p), nil
	}
	return c.counter.Write(p)
}

func (c *hashCounter) sum() [32]byte { return [32]byte(c.hash.Sum(nil)) }

// records is how many passed, of a file that they were also written to: for people,
// so it is 0 when they cannot be told apart.
func (c *hashCounter) records(ctx context.Context, file *os.File) (uint64, error) {
	if c.counter == nil {
		return 0, nil
	}
	n, err := c.count(ctx, format.Source{ReaderAt: file, Size: int64(c.bytes)})
	switch {
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	case errors.As(err, new(*jail.Error)), errors.Is(err, criteria.ErrNeedsJail):
		return 0, nil // it is what was paid for, whatever is in it
	}
	return n, folderError(err)
}

// count counts in this process what was counted as it passed.
func (c *hashCounter) count(ctx context.Context, src format.Source) (uint64, error) {
	if format.Reads(c.counter) {
		return c.engine.Count(ctx, src, c.format)
	}
	return c.counter.Records(ctx, src)
}
