package buyer

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/zeebo/blake3"

	"github.com/medibloc/pdx/criteria"
)

// tally hashes and counts what passes.
type tally struct {
	hash  *blake3.Hasher
	bytes uint64
	ends  uint64
	last  byte
}

func newTally() *tally { return &tally{hash: blake3.New()} }

// Write implements io.Writer.
func (t *tally) Write(p []byte) (int, error) {
	if len(p) > 0 {
		t.bytes += uint64(len(p))
		t.ends += uint64(bytes.Count(p, []byte{'\n'}))
		t.last = p[len(p)-1]
	}
	return t.hash.Write(p)
}

func (t *tally) sum() [32]byte { return [32]byte(t.hash.Sum(nil)) }

// records is how many passed, of a file that they were also written to.
func (t *tally) records(ctx context.Context, file *os.File, mediaType string) (uint64, error) {
	if mediaType == criteria.NDJSON {
		return t.lines(), nil
	}
	return count(ctx, file, mediaType)
}

// lines counts a last one without its end too.
func (t *tally) lines() uint64 {
	if t.bytes > 0 && t.last != '\n' {
		return t.ends + 1
	}
	return t.ends
}

// count reads the records of a file; 0 when they cannot be told apart.
func count(ctx context.Context, file *os.File, mediaType string) (uint64, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, folderError(err)
	}
	summary, err := criteria.Fields(ctx, file, mediaType)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err != nil {
		return 0, nil //nolint:nilerr // the number is for people; the bytes are what was committed to
	}
	return summary.Records, nil
}
