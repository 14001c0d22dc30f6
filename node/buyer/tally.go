package buyer

import (
	"context"
	"os"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria/format"
)

// tally hashes and counts a file of records that is being written.
type tally struct {
	hash    *blake3.Hasher
	bytes   uint64
	counter format.Counter // nil: records are not counted
}

// newTally counts the records of a file in a format; nil counts bytes only.
func newTally(f format.File) *tally {
	t := &tally{hash: blake3.New()}
	if f != nil {
		t.counter = f.Counter()
	}
	return t
}

// Write implements io.Writer.
func (t *tally) Write(p []byte) (int, error) {
	t.bytes += uint64(len(p))
	_, _ = t.hash.Write(p)
	if t.counter == nil {
		return len(p), nil
	}
	return t.counter.Write(p)
}

func (t *tally) sum() [32]byte { return [32]byte(t.hash.Sum(nil)) }

// records is how many passed, of a file that they were also written to: for people,
// so it is 0 when they cannot be told apart.
func (t *tally) records(ctx context.Context, file *os.File) (uint64, error) {
	if t.counter == nil {
		return 0, nil
	}
	n, err := t.counter.Records(ctx, format.Source{ReaderAt: file, Size: int64(t.bytes)})
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	return n, folderError(err)
}
