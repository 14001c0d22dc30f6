package blob

import (
	"context"
	"io"
	"iter"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/bao"
)

// Info is what a store knows about a blob without reading it.
type Info struct {
	ID       pdx.ContentID
	Size     uint64 // bytes of the whole blob
	Held     uint64 // bytes that would survive a crash now
	Complete bool   // the blob is whole and can be opened
	TreeOnly bool   // only its tree is held, its bytes come from an Origin; then Held is 0
}

// Backend is what a store must be able to do; [Complete] makes a Store of it.
//
// Errors wrap pdx.ErrNotFound (no such blob, or not whole), pdx.ErrCorrupt (what
// the store finds is not what it wrote), pdx.ErrInvalid (the caller contradicts
// what the store can prove), ErrBusy, ErrNoSpace, ErrReadOnly, ErrDisk or
// ErrOrigin.
type Backend interface {
	// Create begins a blob whose root is not known yet. Nothing of it can be
	// seen before Commit.
	Create(ctx context.Context) (Writer, error)

	// Open opens a whole blob for reading. Several may be open at once.
	Open(ctx context.Context, id pdx.ContentID) (Blob, error)

	// Stat returns what is held of a blob; pdx.ErrNotFound if nothing.
	Stat(ctx context.Context, id pdx.ContentID) (Info, error)

	// Delete deletes a blob, whole or partial. Blobs that are open can be read to
	// their end; a Partial that is open is ErrBusy.
	Delete(ctx context.Context, id pdx.ContentID) error

	// List yields every blob, whole or partial, in no order. A blob that cannot
	// be read is yielded as an error with its ID set, and the list goes on.
	List(ctx context.Context) iter.Seq2[Info, error]

	// Close releases the store. Writers, Batches, Partials and Blobs must have
	// ended before.
	Close() error
}

// Puller is the ability to take a blob in pieces. For a Backend without it, pieces
// are gathered in another store.
type Puller interface {
	// Partial returns a blob that is being pulled, begun now or resumed where the
	// last Checkpoint left it. Only one can be open for each id (ErrBusy). If the
	// blob is whole already the Partial misses nothing and Commit does nothing;
	// a tree alone does not count, its bytes can be pulled beside it.
	// A size that contradicts a proven one is pdx.ErrInvalid; a Partial whose
	// size was never proven, because its last segment is missing, is begun anew.
	Partial(ctx context.Context, id pdx.ContentID, size uint64) (Partial, error)
}

// SegmentReader is the ability of a Partial to show what was put while the rest is missing.
type SegmentReader interface {
	// ReadSegment reads a segment that was put into p, which has room for it, and returns
	// its length; pdx.ErrNotFound for one that was not put, or is not shown any more
	// because the blob is whole.
	ReadSegment(i uint64, p []byte) (int, error)
}

// TreeKeeper is the ability to keep the tree of a blob without its bytes. A Backend
// without it keeps the bytes too.
type TreeKeeper interface {
	// CreateTree begins a blob of which only the tree need be kept: what is written
	// is hashed and forgotten, and Info.TreeOnly is set. Whenever such a blob is read
	// its bytes come from the store's Origin, and none is returned that is not under
	// the root.
	CreateTree(ctx context.Context) (Writer, error)
}

// Batcher is the ability to store many small blobs at the cost of one. A Backend
// without it stores them one by one.
type Batcher interface {
	// Batch begins a batch of small blobs. Nothing of it can be seen before Commit.
	Batch(ctx context.Context) (Batch, error)
}

// SmallReader is the ability to read a small blob without opening it.
type SmallReader interface {
	// Small reads a whole small blob into p, whose capacity is at least MaxSmall
	// bytes, and verifies it; the result is a part of p. A larger blob is ErrNotSmall.
	Small(ctx context.Context, id pdx.ContentID, p []byte) ([]byte, error)
}

// Finder is the ability to find many blobs at once.
type Finder interface {
	// Missing returns those of ids whose bytes are not whole here, each once and
	// in their order.
	Missing(ctx context.Context, ids []pdx.ContentID) ([]pdx.ContentID, error)
}

// ManyDeleter is the ability to delete many blobs at once.
type ManyDeleter interface {
	// DeleteMany deletes blobs; a missing one is no error. After an error, which
	// joins all failures, some of them may be there still.
	DeleteMany(ctx context.Context, ids []pdx.ContentID) error
}

// Store keeps blobs: a Backend with every ability, its own or a fall-back.
type Store interface {
	Backend
	Puller
	TreeKeeper
	Batcher
	SmallReader
	Finder
	ManyDeleter
}

// Writer takes the bytes of a new blob.
type Writer interface {
	io.Writer

	// Commit makes the blob durable and visible, both or neither, and returns its
	// root and size. A blob that the store has already is not stored again.
	// After an error the Writer must be aborted.
	Commit(ctx context.Context) (Info, error)

	// Abort forgets the bytes. After Commit it does nothing, so that it can be
	// deferred.
	Abort() error
}

// Blob is a whole blob.
type Blob interface {
	// ReaderAt reads bytes as they are stored, unverified.
	io.ReaderAt
	io.Closer

	// Size is the number of bytes.
	Size() uint64

	// WriteSlice writes the slice of a run of segments, verified on the way:
	// pdx.ErrCorrupt means the store's bytes have rotted. Otherwise it fails as
	// bao.WriteSlice.
	WriteSlice(w io.Writer, run bao.Range) error
}

// Partial is a blob that arrives piece by piece. It is the Sink of slices: what
// is put must have been verified, the store does not verify it again.
type Partial interface {
	bao.Sink

	// NextMissing returns the first run of at most limit segments, at or after from,
	// that were not put; its Count is 0 when there is none.
	NextMissing(from, limit uint64) bao.Range

	// Written returns how many bytes of segments were put, this time and before.
	Written() uint64

	// Checkpoint makes what was put durable: after a crash every segment of the
	// last checkpoint is right, and what was put since is fetched again. When the
	// disk fails at it (ErrDisk), this Partial keeps nothing more: it must be
	// closed, and the next one begins with the checkpoint before.
	Checkpoint(ctx context.Context) error

	// Commit makes the blob whole; pdx.ErrWrongState when segments are missing.
	// The Partial must still be closed.
	Commit(ctx context.Context) (Info, error)

	// Close ends the use of the Partial and keeps what the last Checkpoint
	// made durable. Closing again does nothing.
	Close() error
}
