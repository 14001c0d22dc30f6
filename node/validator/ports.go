package validator

import (
	"context"
	"io"

	"github.com/medibloc/pdx"
)

// Ledger is what a validator needs of the chain.
type Ledger interface {
	// Head is the last block.
	Head(ctx context.Context) (pdx.Head, error)
	// Deal reads one deal, or pdx.ErrNotFound.
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	// Deals reads a page of deals and the cursor of the next, "" at the end.
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
	// Pool reads one pool, or pdx.ErrNotFound.
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	// TagKeys reads what a pool sealed to its validators, in their order.
	TagKeys(ctx context.Context, id pdx.PoolID) ([][]byte, error)
	// Validator reads one validator, or pdx.ErrNotFound.
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	// Certify sends this account's verdict about a deal with these facts and returns when it is in a block:
	// pdx.ErrWrongState when the deal no longer takes one (a certificate by this
	// account is there already, or the deal moved on), pdx.ErrUnavailable when
	// it is not known whether the chain took it.
	Certify(ctx context.Context, id pdx.DealID, facts [32]byte, c pdx.Certificate) error
	// Answer shows what a challenge asks for and returns when it is in a block:
	// pdx.ErrWrongState when the challenge is over. What the chain would refuse is refused
	// before it costs a fee.
	Answer(ctx context.Context, a pdx.Answer) error
}

// Source is where a blob is to be had: from an account's machine.
type Source struct {
	Account pdx.Address
	Pool    pdx.PoolID // the pool and the account's role in it: where discovery looks
	Role    pdx.Role
	Peer    string // the machine, in text form, if it is known; else it is found
}

// Fetcher moves blobs into this role's store.
type Fetcher interface {
	// Fetch completes blob id from that source, going on from what the store
	// holds; size is 0 when it is not known. progress is called with bytes.
	// Errors: pdx.ErrUnavailable, pdx.ErrNotFound and pdx.ErrRefused when the
	// source cannot, does not or will not serve it; others are this machine's.
	Fetch(ctx context.Context, from Source, id pdx.ContentID, size uint64, progress func(held, total uint64)) error
	// Follow is Fetch of a ciphertext, and has read called once, in another goroutine, with a
	// reader of the blob from its beginning: it has each byte when it is verified and in
	// the store, and fails if Fetch does. read is not called if there is no source. Follow
	// returns when Fetch and read have ended, with what Fetch came to; a slow read does not
	// slow Fetch.
	Follow(
		ctx context.Context, from Source, id pdx.ContentID, size uint64, progress func(held, total uint64), read func(io.Reader),
	) error
}

// Blobs is this role's share of the blob store. A role deletes only what no
// other role of the same machine needs: whoever wires them sees to that.
type Blobs interface {
	// Put stores a small blob.
	Put(ctx context.Context, content []byte) (pdx.ContentID, error)
	// Open reads a complete blob from its beginning, or pdx.ErrNotFound;
	// pdx.ErrCorrupt when this disk lost some of it.
	Open(ctx context.Context, id pdx.ContentID) (io.ReadCloser, error)
	// Slice is the slice of one segment of a complete blob, verified; pdx.ErrNotFound, or
	// pdx.ErrCorrupt when this disk lost it.
	Slice(ctx context.Context, id pdx.ContentID, segment uint64) ([]byte, error)
	// Check is nil if a whole blob is here. pdx.ErrNotFound if none is, and
	// pdx.ErrCorrupt when this disk lost some of it.
	Check(ctx context.Context, id pdx.ContentID) error
	// Delete removes a blob, complete or not; it is no error if there is none.
	Delete(ctx context.Context, id pdx.ContentID) error
	// Discard removes the bytes of a damaged blob, whichever roles of this machine
	// need it, so that it can be fetched again; it is no error if there are none.
	Discard(ctx context.Context, id pdx.ContentID) error
}

// Vault remembers a Record for each deal, under its number in decimal. When Put
// returned nil the record is on disk.
type Vault interface {
	Put(ctx context.Context, key string, r Record) error
	// Get is pdx.ErrNotFound if there is none.
	Get(ctx context.Context, key string) (Record, error)
	Delete(ctx context.Context, key string) error
	All(ctx context.Context) ([]Record, error)
}
