package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// ErasureTime is how long a buyer may take to answer a request to delete records; after that,
// the request lapses without an answer.
const ErasureTime = 30 * 24 * time.Hour

// ErasureState is the state of a request to delete records.
type ErasureState string

// The states; the last three are ends.
const (
	ErasureAsking  ErasureState = "asking" // the buyer's node has not been reached
	ErasureAsked   ErasureState = "asked"  // the buyer's node has it on disk
	ErasureErased  ErasureState = "erased" // the buyer says that it deleted the records
	ErasureRefused ErasureState = "refused"
	ErasureLapsed  ErasureState = "lapsed" // the buyer did not answer in time
)

// Erasure is a request of a seller to the buyer of a deal to delete what it bought, as either
// of them stores it.
type Erasure struct {
	Deal          pdx.DealID
	Pool          pdx.PoolID
	Role          pdx.Role // of this node in the deal
	Seller, Buyer pdx.Address
	Root          pdx.ContentID
	Asked         time.Time // by the seller's clock, in whole seconds
	Reason        string
	PublicKey     []byte // of the seller, with its signature: attest.ErasureRequest
	Signature     []byte

	Reached time.Time // when the buyer's node had it on disk; zero before
	Trouble string    // why the buyer was not reached the last time
	Answer  *ErasureAnswer
	Open    bool // neither answered nor lapsed
}

// ErasureAnswer is a buyer's answer.
type ErasureAnswer struct {
	Erased    bool
	At        time.Time // by the buyer's clock, in whole seconds
	Note      string
	PublicKey []byte // of the buyer, with its signature: attest.ErasureAnswer
	Signature []byte
}

// Lapses is when the request lapses without an answer.
func (e Erasure) Lapses() time.Time { return e.Asked.Add(ErasureTime) }

// State is the state at a time.
func (e Erasure) State(now time.Time) ErasureState {
	switch {
	case e.Answer != nil && e.Answer.Erased:
		return ErasureErased
	case e.Answer != nil:
		return ErasureRefused
	case !now.Before(e.Lapses()):
		return ErasureLapsed
	case e.Reached.IsZero():
		return ErasureAsking
	}
	return ErasureAsked
}
