package pdx

import "time"

// Element is the canonical 32-byte encoding of a ristretto255 element.
type Element [32]byte

// AEAD names a cipher as the chain writes it.
type AEAD string

// The ciphers.
const (
	AES256GCM        AEAD = "AEAD_AES_256_GCM"
	ChaCha20Poly1305 AEAD = "AEAD_CHACHA20_POLY1305"
)

// Dataset is what a seller sells into a pool: one blob of ciphertext and the
// public facts of its sealing.
type Dataset struct {
	Root       ContentID
	Size       uint64  // bytes of ciphertext
	Key        Element // S
	Nonce      [32]byte
	AEAD       AEAD
	Box        [48]byte
	KeyCommit  [32]byte
	Commitment [32]byte // pc, keyed
}

// DealState is where a deal stands.
type DealState string

// The states of a deal; the last five are ends.
const (
	DealOffered     DealState = "offered"
	DealCertified   DealState = "certified"
	DealAcked       DealState = "acked"
	DealDelivered   DealState = "delivered"
	DealFinal       DealState = "final"
	DealLapsed      DealState = "lapsed"
	DealUnacked     DealState = "unacked"
	DealUndelivered DealState = "undelivered"
	DealFraud       DealState = "fraud"
)

// Ended tells whether no step can follow.
func (s DealState) Ended() bool {
	switch s {
	case DealFinal, DealLapsed, DealUnacked, DealUndelivered, DealFraud:
		return true
	}
	return false
}

// RejectReason says why a validator rejected a dataset; the numbers are the chain's.
type RejectReason uint32

// The reasons.
const (
	RejectOpening RejectReason = iota + 1
	RejectCiphertext
	RejectCriteria
	RejectFields
	RejectDuplicate
	RejectIssuer
	RejectUnavailable
)

var rejectNames = [...]string{"", "opening", "ciphertext", "criteria", "fields", "duplicate", "issuer", "unavailable"}

// String is the reason in one word.
func (r RejectReason) String() string {
	if int(r) < len(rejectNames) {
		return rejectNames[r]
	}
	return "unknown"
}

// Offer opens a deal. It is the seller's consent.
type Offer struct {
	Pool       PoolID
	Dataset    Dataset
	Validators []Address // accepted by the seller
	Agreed     []uint32  // ids of the terms agreed to
	Fields     []string  // disclosed fields, JSON pointers
}

// Certificate is a validator's verdict.
type Certificate struct {
	Validator    Address
	Accepted     bool
	Reason       RejectReason
	Report       [32]byte // hash of the validation report
	Available    bool     // promises to serve the ciphertext
	ExpiryHeight int64
	Commission   uint32 // basis points
	Height       int64  // where the chain accepted it
}

// Delivery is the key of a dataset, encrypted to the buyer.
type Delivery struct {
	Deal   DealID
	D1, D2 Element
	Proof  []byte // deliver-v1, 96 bytes
}

// Share is one party's part of a price.
type Share struct {
	Address Address
	Amount  Amount
}

// Step is one state a deal entered.
type Step struct {
	State  DealState
	Height int64
	Time   time.Time
}

// Deal is one dataset in one pool, with the terms as they were when it was offered.
type Deal struct {
	ID             DealID
	Pool           PoolID
	Seller, Buyer  Address
	Dataset        Dataset
	BuyerKey       Element // B
	Price          Amount
	Deposit        Amount
	Criteria       ContentID
	Required       uint32    // k
	Validators     []Address // that may certify
	Fields         []string
	State          DealState
	Certificates   []Certificate // in the order in which the chain took them
	AckHeight      int64         // 0 until acked
	Delivery       *Delivery     // nil until delivered
	Shares         []Share
	History        []Step
	DeadlineHeight int64 // the state ends when height and time have passed
	DeadlineTime   time.Time
}

// Accepted are the certificates that accept, in the chain's order.
func (d Deal) Accepted() []Certificate {
	var accepted []Certificate
	for _, c := range d.Certificates {
		if c.Accepted {
			accepted = append(accepted, c)
		}
	}
	return accepted
}

// DealFilter selects deals; zero fields do not filter.
type DealFilter struct {
	Pool          PoolID
	Seller, Buyer Address
	State         DealState
	Limit         int    // 0 takes the ledger's own
	Cursor        string // from the page before
}

// PoolFilter selects pools; zero fields do not filter.
type PoolFilter struct {
	Status PoolStatus
	Buyer  Address
	Limit  int
	Cursor string
}

// Head is the chain's last block.
type Head struct {
	ChainID string
	Height  int64
	Time    time.Time
}

// Event is a hint that something on chain changed: the truth is read from the
// ledger. Events of a height come once, in the chain's order.
type Event struct {
	Height int64
	Index  int    // within the height, from 0
	Kind   string // the event's proto name without package, e.g. EventDealState
	Pool   PoolID // 0 where the event has none
	Deal   DealID // 0 where the event has none
	State  string // the deal state or pool status entered, in this package's words
}
