package buyer

import (
	"context"
	"io"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// Ledger is what a buyer needs of the chain for its deals.
type Ledger interface {
	// Head is the last block.
	Head(ctx context.Context) (pdx.Head, error)
	// Deal reads one deal, or pdx.ErrNotFound.
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	// Deals reads a page of deals and the cursor of the next, "" at the end.
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
	// Reveal gives this buyer's part of the draws of a pool, and Draw draws the rest of the
	// deals that the last one serves. Both may be repeated: what is done already is refused
	// before it costs a fee.
	Reveal(ctx context.Context, r pdx.Reveal) error
	Draw(ctx context.Context, pool pdx.PoolID) error
	// Ack acknowledges all these deals or none, as they were checked, and returns when it is in a
	// block: pdx.ErrUnavailable when it is not known whether the chain took it.
	Ack(ctx context.Context, deals []pdx.AckedDeal) error
	// Challenge asks the validators that promised a deal's ciphertext to show some of it, and
	// returns when it is in a block. pdx.ErrUnavailable when it is not known whether the chain
	// took it.
	Challenge(ctx context.Context, c pdx.NewChallenge) error
	// Complain shows that a delivered dataset does not open, and returns what was
	// credited when the conviction is in a block. pdx.ErrUnavailable when it is not
	// known whether the chain took it; then it takes it within SettleBlocks or
	// never. What the chain would refuse is refused before it costs a fee.
	Complain(ctx context.Context, c pdx.Complaint) (credited pdx.Amount, err error)
}

// Pools is what a buyer needs of the chain for its pools.
type Pools interface {
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	Pools(ctx context.Context, f pdx.PoolFilter) (pools []pdx.Pool, next string, err error)
	// CreatePool returns when the pool is in a block. pdx.ErrUnavailable when it
	// is not known whether the chain took it; then it takes it within SettleBlocks
	// or never.
	CreatePool(ctx context.Context, p pdx.NewPool) (pdx.PoolID, error)
	// ClosePool ends a pool; what is held for the offers that wait in it is at most maxCost.
	ClosePool(ctx context.Context, id pdx.PoolID, maxCost pdx.Amount) (refund, held pdx.Amount, err error)
	// Stake is what each accept of a deal of this price, of which k are required, takes of its
	// validator's bond.
	Stake(ctx context.Context, price pdx.Amount, k uint32) (pdx.Amount, error)
	// Validator reads one validator, or pdx.ErrNotFound.
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
}

// Documents finds criteria documents and schemas.
type Documents interface {
	// Document is the document with this CID, of at most limit bytes, from this machine or
	// wherever else it is held. Its CID proves what it is.
	Document(ctx context.Context, pool pdx.Pool, id pdx.ContentID, limit int) ([]byte, error)
}

// Transactions finds transactions for receipts. What it says is not proven.
type Transactions interface {
	// Transactions returns those of a deal, in the order of the chain.
	Transactions(ctx context.Context, deal pdx.DealID) ([]pdx.Transaction, error)
}

// Source is where a dataset's ciphertext is to be had.
type Source struct {
	Account pdx.Address // proven to be behind Peer
	Peer    string      // the machine, in text form
}

// Finder finds who has a deal's ciphertext.
type Finder interface {
	// Sources are reachable machines of the deal's seller and validators, in any
	// order. None is no error.
	Sources(ctx context.Context, d pdx.Deal) ([]Source, error)
}

// Fetcher moves blobs into this role's store.
type Fetcher interface {
	// Fetch completes blob id from all those sources at once, going on from what
	// the store holds; it asks from again now and then, for they come and go.
	// progress is called with bytes. pdx.ErrUnavailable, pdx.ErrNotFound,
	// pdx.ErrRefused and pdx.ErrCorrupt are the sources' failures; others, a full
	// disk as syscall.ENOSPC, are this machine's.
	Fetch(ctx context.Context, from Sources, id pdx.ContentID, size uint64, progress func(held, total uint64)) error

	// FetchMany brings at most MaxBatch small blobs from one source, without a
	// round trip or a sync for each. failed are those that are not here durably
	// when it returns, and why; the others are. progress is called whenever some
	// have become durable.
	FetchMany(ctx context.Context, from Source, ids []pdx.ContentID, progress func()) (failed map[pdx.ContentID]error)
}

// Sources are the machines that may have a blob now, the likeliest first.
type Sources func(ctx context.Context) ([]Source, error)

// Blobs is this role's share of the blob store. A role deletes only what no
// other role of the same machine needs: whoever wires them sees to that.
type Blobs interface {
	// Put stores a small document.
	Put(ctx context.Context, content []byte) (pdx.ContentID, error)
	// Open reads a complete blob from its beginning, or pdx.ErrNotFound.
	Open(ctx context.Context, id pdx.ContentID) (io.ReadCloser, error)
	// Slice is the slice of one segment of a complete blob, verified;
	// pdx.ErrCorrupt when this disk lost it.
	Slice(ctx context.Context, id pdx.ContentID, segment uint64) ([]byte, error)
	// Held is how many bytes of a blob are here, and whether they are all; 0
	// and false for an unknown blob. pdx.ErrCorrupt when this disk lost some of
	// what it says it has.
	Held(ctx context.Context, id pdx.ContentID) (bytes uint64, complete bool, err error)
	// Delete removes a blob, complete or not; it is no error if there is none.
	Delete(ctx context.Context, id pdx.ContentID) error
	// Discard removes the bytes of a damaged blob, whichever roles of this machine
	// need it, so that it can be pulled again; it is no error if there are none.
	Discard(ctx context.Context, id pdx.ContentID) error
}

// SignedAcks are acks off chain.
type SignedAcks interface {
	// Sign signs with the buyer's account, whose public key it tells.
	Sign(message []byte) (signature []byte, err error)
	PublicKey() []byte
	// Hand hands a voucher to a deal's seller; nil when that has it on disk.
	// pdx.ErrUnavailable when it may be handed over again, pdx.ErrRefused when it
	// is of no use.
	Hand(ctx context.Context, d pdx.Deal, v pdx.AckVoucher) error
}

// Table remembers documents by key; what Put accepted is on disk. Get is
// pdx.ErrNotFound if there is none.
type Table[T any] interface {
	Put(ctx context.Context, key string, value T) error
	// PutAll puts all of these or none.
	PutAll(ctx context.Context, values map[string]T) error
	Get(ctx context.Context, key string) (T, error)
	Delete(ctx context.Context, key string) error
	All(ctx context.Context) ([]T, error)
	// Find reads the documents whose indexed field has a value.
	Find(ctx context.Context, field string, value any) ([]T, error)
	// Page reads the next documents that a query selects, and the cursor of those after
	// them, "" at the end.
	Page(ctx context.Context, q store.Query, cursor string) (page []T, next string, err error)
}

// Secrets remembers secrets, sealed; what Put accepted is on disk.
type Secrets interface {
	// Names lists the names that begin with prefix.
	Names(ctx context.Context, prefix string) ([]string, error)
	Put(ctx context.Context, name string, secret []byte) error
	Get(ctx context.Context, name string) ([]byte, error)
	Delete(ctx context.Context, name string) error
}
