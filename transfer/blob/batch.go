package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	zeebo "github.com/zeebo/blake3"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// What a Batch takes.
const (
	// MaxSmall is the size in bytes of the largest small blob: one segment, so
	// that its root is the hash of its bytes and there is no tree.
	MaxSmall = bao.SegmentSize
	// MaxBatchBytes and MaxBatchBlobs bound a batch. A store finds a blob of it by
	// an index of the batch, and gives its space back as a whole.
	MaxBatchBytes = 64 << 20
	MaxBatchBlobs = 1 << 16
)

// ErrNotSmall: the blob has more than MaxSmall bytes; it is opened, or pulled, by
// itself.
var ErrNotSmall = fmt.Errorf("not a small blob: %w", pdx.ErrInvalid)

// ErrBatchFull: the batch takes no more; it can be committed.
var ErrBatchFull = errors.New("the batch is full")

// Batch takes many small blobs at once, so that a blob need not cost the syncing
// of files of its own. It is used from one goroutine.
type Batch interface {
	// Put adds a blob, which the store does not verify again. Bytes that do not
	// fit are ErrBatchFull and change nothing, more than MaxSmall are ErrNotSmall;
	// a blob that the batch has already is not added again. The bytes are the
	// caller's again when Put returns.
	Put(id pdx.ContentID, data []byte) error

	// Commit makes all that was put durable and visible. After an error the Batch
	// must be aborted; a Batcher then has none of its blobs, the fall-back may have
	// some, each whole.
	Commit(ctx context.Context) error

	// Abort forgets what was put. After Commit it does nothing, so that it can be
	// deferred.
	Abort() error
}

// CheckSmall is nil if one more blob of n bytes fits into a batch that has bytes
// in blobs. Stores call it.
func CheckSmall(n, blobs int, bytes uint64) error {
	switch {
	case n > MaxSmall:
		return ErrNotSmall
	case blobs >= MaxBatchBlobs || bytes+uint64(n) > MaxBatchBytes:
		return ErrBatchFull
	}
	return nil
}

// ReadSmall reads a small blob into p, whose capacity is at least MaxSmall, and
// verifies it: what does not hash to id is pdx.ErrCorrupt.
func ReadSmall(b Blob, id pdx.ContentID, p []byte) ([]byte, error) {
	if b.Size() > MaxSmall {
		return nil, ErrNotSmall
	}
	p = p[:b.Size()]
	if n, err := b.ReadAt(p, 0); n < len(p) {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%w: %w", pdx.ErrCorrupt, io.ErrUnexpectedEOF)
		}
		return nil, fmt.Errorf("read small blob: %w", err)
	}
	return p, VerifySmall(id, p)
}

// VerifySmall is pdx.ErrCorrupt unless id is the root of data.
func VerifySmall(id pdx.ContentID, data []byte) error {
	if zeebo.Sum256(data) != id {
		return fmt.Errorf("small blob does not hash to its root: %w", pdx.ErrCorrupt)
	}
	return nil
}
