package blob

import (
	"context"
	"errors"
	"io"

	"github.com/medibloc/pdx"
)

// Origin has the bytes of blobs of which a store keeps no more than the tree:
// they lie elsewhere, or are made again from something else. What it gives is not
// trusted: the store lets nothing of it out that is not under the root.
type Origin interface {
	// Bytes is a blob for random access. ErrOrigin says that it cannot be had any
	// more as it was; pdx.ErrNotFound that this origin never had it.
	Bytes(ctx context.Context, id pdx.ContentID) (Bytes, error)
}

// Bytes are a blob's, until they are closed. They may be read at several places
// at once.
type Bytes interface {
	io.ReaderAt
	io.Closer
}

// OriginFunc is a function as an Origin.
type OriginFunc func(ctx context.Context, id pdx.ContentID) (Bytes, error)

// Bytes calls f.
func (f OriginFunc) Bytes(ctx context.Context, id pdx.ContentID) (Bytes, error) { return f(ctx, id) }

// ErrOrigin: the bytes of a blob lie elsewhere, and are not there as they were.
// When they are put back, the blob can be read again.
var ErrOrigin = errors.New("the file that the blob is made from is gone or changed")

// NoOrigin has nothing. It is what a store has that was given no other.
var NoOrigin = OriginFunc(func(context.Context, pdx.ContentID) (Bytes, error) { return nil, ErrOrigin })
