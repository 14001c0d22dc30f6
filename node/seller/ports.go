package seller

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

// Ledger is what a seller reads from the chain. pdx.ErrNotFound says that a
// thing is not there, pdx.ErrUnavailable that the chain could not be asked.
type Ledger interface {
	Head(ctx context.Context) (pdx.Head, error)
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	// DealByRoot is the deal of a pool with this ciphertext under this dataset key.
	DealByRoot(ctx context.Context, pool pdx.PoolID, root pdx.ContentID, key pdx.Element) (pdx.Deal, error)
	// Deals reads a page of deals and the cursor of the next, "" at the end.
	Deals(ctx context.Context, f pdx.DealFilter) (deals []pdx.Deal, next string, err error)
	// Validator reads one validator.
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	// OfferDeposit is what the chain takes with an offer of fields to so many validators.
	OfferDeposit(ctx context.Context, pool pdx.Pool, fields []string, validators int) (pdx.Amount, error)
}

// Prover reads the chain and believes nobody: what it returns is proven against a
// header that chain validators signed and that is young.
type Prover interface {
	// Ready is nil while deals can be proven. Else it says why not, and what the
	// node's owner can do: pdx.ErrUnavailable where it may pass by itself.
	Ready(ctx context.Context) error
	// Deal is a deal, and the head that proves it. An error says who lied about
	// what, or why nothing could be proven; pdx.ErrNotFound is proven itself.
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, pdx.Head, error)
}

// Wallet sends transactions of the seller's account and returns when each is in
// a block. An error never means for certain that the chain did not take it.
type Wallet interface {
	// Offer opens a deal; pdx.ErrNoFunds when deposit or fee cannot be paid.
	Offer(ctx context.Context, offer pdx.Offer) (pdx.DealID, error)
	// WithdrawOffer ends a deal on which no validator has worked; pdx.ErrWrongState if
	// its draw has begun, or it has a verdict.
	WithdrawOffer(ctx context.Context, deal pdx.DealID) error
	Deliver(ctx context.Context, delivery pdx.Delivery) error
	// DefaultAck acknowledges a deal in its buyer's stead, when its ack deadline has
	// passed and its validators promised the ciphertext.
	DefaultAck(ctx context.Context, deal pdx.DealID) error
}

// Documents finds criteria documents and schemas.
type Documents interface {
	// Document is the document with this CID, of at most limit bytes, from the
	// buyer of the pool or wherever else it is held. The seller verifies it.
	Document(ctx context.Context, pool pdx.Pool, id pdx.ContentID, limit int) ([]byte, error)
}

// Blobs is where ciphertext goes.
type Blobs interface {
	Create(ctx context.Context) (BlobWriter, error)
	// CreateTree begins a blob of which only the tree is kept: its bytes are asked
	// of Service.Ciphertext whenever they are served.
	CreateTree(ctx context.Context) (BlobWriter, error)
	// Check is nil if a blob could be served now, or says why not.
	Check(ctx context.Context, root pdx.ContentID) error
	// Slice reads one segment of a blob and verifies it: pdx.ErrCorrupt if the disk lost
	// it, or what it is sealed from changed.
	Slice(ctx context.Context, root pdx.ContentID, segment uint64) ([]byte, error)
	// Sweep removes the ciphertexts of this role that keep does not want.
	Sweep(ctx context.Context, keep func(root pdx.ContentID) bool) error
	// Delete removes a blob, or is pdx.ErrNotFound.
	Delete(ctx context.Context, root pdx.ContentID) error
}

// BlobWriter takes a new blob. What is not committed leaves nothing behind, not
// even after a crash.
type BlobWriter interface {
	io.Writer
	// Commit makes the blob durable and addressable.
	Commit(ctx context.Context) (root pdx.ContentID, size uint64, err error)
	// Abort discards the blob; after Commit it does nothing.
	Abort() error
}

// Validators reaches validators.
type Validators interface {
	// Ask asks one for its verdict and waits for it, calling progress in between.
	// After every error it is asked again, after pdx.ErrRefused not so soon.
	Ask(ctx context.Context, validator pdx.Address, request Request, progress func(pdx.Progress)) (pdx.Verdict, error)
}

// Table remembers documents. A call that returned nil is durable.
type Table[T any] interface {
	Put(ctx context.Context, key string, value T) error
	// Get is pdx.ErrNotFound if there is none.
	Get(ctx context.Context, key string) (T, error)
	// Update changes a value in one transaction.
	Update(ctx context.Context, key string, change func(T) (T, error)) (T, error)
	Delete(ctx context.Context, key string) error
	All(ctx context.Context) ([]T, error)
	// Find reads the documents whose indexed field has a value.
	Find(ctx context.Context, field string, value any) ([]T, error)
	// Page reads the next documents that a query selects, and the cursor of those after
	// them, "" at the end.
	Page(ctx context.Context, q store.Query, cursor string) (page []T, next string, err error)
}

// Secrets remembers the seed, encrypted at rest.
type Secrets interface {
	Put(ctx context.Context, name string, value []byte) error
	Get(ctx context.Context, name string) ([]byte, error)
}

// Request asks a validator to check a deal. Opening is a secret between the two:
// a Request shows its deal only.
type Request struct {
	Deal    pdx.DealID
	Opening pdx.Element // M
	Proof   []byte      // dleq-v1 in the open-dataset context of deal and validator, 64 bytes
}

// String shows the deal only.
func (r Request) String() string { return "request for deal " + r.Deal.String() }

// Format shows the deal only, whatever the verb.
func (r Request) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue shows the deal only.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// ErrUnreachable: nothing of the validator answered. Its other inquiries would
// find the same.
var ErrUnreachable = fmt.Errorf("%w: the validator cannot be reached", pdx.ErrUnavailable)

// BusyError is the answer of a validator that has no slot free now. It says
// nothing about the deal.
type BusyError struct {
	After time.Duration // when to ask again; 0 if the validator does not say
	Slots int           // as in pdx.Progress
	Why   string        // in the validator's words
}

// Error gives the validator's words.
func (e *BusyError) Error() string { return "validator is busy: " + e.Why }

// Unwrap returns pdx.ErrUnavailable.
func (e *BusyError) Unwrap() error { return pdx.ErrUnavailable }
