package pdx

import (
	"slices"
	"time"
)

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

// Ended reports whether no step can follow.
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
	RejectSet // nobody serves the record set that its certificate names
)

var rejectNames = [...]string{"", "opening", "ciphertext", "criteria", "fields", "duplicate", "issuer", "unavailable", "set"}

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
	// What follows is what the chain must find, or it refuses the offer.
	Price         Amount   // of the pool, exactly
	MaxCommission uint32   // basis points that the k highest commissions may sum to
	MaxDeposit    Amount   // the most that is taken as the deposit
	TermsHash     [32]byte // of the pool's terms, as they were read
	Possession    []byte   // pop-v1 of the dataset key, 64 bytes
}

// Certificate is a validator's verdict.
type Certificate struct {
	Validator    Address
	Accepted     bool
	Reason       RejectReason
	Report       [32]byte  // hash of the validation report
	Set          RecordSet `json:",omitzero"` // of its records; zero if it has none
	Available    bool      // promises to serve the ciphertext
	ExpiryHeight int64     // up to which the validator vouches for the dataset
	Commission   uint32    // basis points
	Height       int64     // where the chain accepted it
}

// AckVoucher is a buyer's ack off chain, which the seller sends along with its
// delivery. What else the buyer signs are the deal's own facts.
type AckVoucher struct {
	AckHeight    int64    // a finished block in which the deal was certified
	ExpiryHeight int64    // the last block that takes the voucher
	PublicKey    [33]byte // of the buyer's account
	Signature    [64]byte
}

// Delivery is the key of a dataset, encrypted to the buyer.
type Delivery struct {
	Deal   DealID
	D1, D2 Element
	Proof  []byte // deliver-v1, 96 bytes
	// SignedAck stands in for an ack on chain; nil without one. The chain does not
	// keep it.
	SignedAck *AckVoucher `json:"Voucher"` // the name in the homes of sellers
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
	ID            DealID
	Pool          PoolID
	Seller, Buyer Address
	Dataset       Dataset
	BuyerKey      Element // B
	Price         Amount
	Deposit       Amount
	Reward        Amount // of a verdict that agrees with the outcome
	Stake         Amount // of the bond of each validator that accepts
	Criteria      ContentID
	Required      uint32    // k
	Validators    []Address // that may certify; none before they are drawn
	Draw          *Draw     // nil where all that the seller accepts may certify
	AckMode       AckMode
	Deadlines     Deadlines     // ack and dispute stretched by the dataset's size
	BlockTime     time.Duration // turns them into numbers of blocks
	Fields        []string      // none in a list that leaves texts out
	FieldsHash    [32]byte
	TermsHash     [32]byte // of the pool's terms
	Agreed        []uint32 // ids of the pool's terms that the seller agreed to
	// TagCommitment is the hash of the pool's tag key; zero if the pool takes duplicates.
	TagCommitment  [32]byte `json:",omitzero"`
	MaxOverlap     uint32   `json:",omitempty"` // records in a million that may be in data that the pool bought before
	State          DealState
	Certificates   []Certificate // in the order in which the chain took them
	AckHeight      int64         // 0 until acked
	Delivery       *Delivery     // nil until delivered
	Shares         []Share
	Conviction     *Conviction // nil but in fraud, and after a broken promise
	MaxChallenges  uint32      // of its promises; 0 where there are none
	MaxChunks      uint32      // of a challenge
	AnswerCost     Amount      // the fee of a challenge, and for each byte of its slices
	AnswerByteCost Amount
	Challenge      *Challenge // the last one; nil if there was none
	History        []Step
	DeadlineHeight int64 // the state ends when height and time have passed
	DeadlineTime   time.Time
}

// Accepted are the certificates that count to those that the deal requires, in the chain's
// order: the first Required accepts, which in a pool of mode QUORUM must promise to serve
// the ciphertext. Later accepts change nothing.
func (d Deal) Accepted() []Certificate {
	var accepted []Certificate
	for _, c := range d.Certificates {
		if len(accepted) < int(d.Required) && c.Accepted && (c.Available || d.AckMode != AckQuorum) {
			accepted = append(accepted, c)
		}
	}
	return accepted
}

// Refund is what a conviction credited to the buyer: price, deposit and compensation or, after
// a broken promise, the fee of the challenge and the compensation.
func (d Deal) Refund() Amount {
	refund := d.Price + d.Deposit
	if d.Conviction == nil {
		return refund
	}
	if d.Conviction.Kind == BrokenPromise && d.Challenge != nil {
		refund = d.Challenge.Fee
	}
	return refund + d.Conviction.Compensation
}

// Blocks is how many blocks the chain counts for a duration, on this deal's terms;
// 0 where the deal does not say.
func (d Deal) Blocks(t time.Duration) int64 {
	if d.BlockTime <= 0 {
		return 0
	}
	return int64((t + d.BlockTime - 1) / d.BlockTime)
}

// Entered is the deal's last step into a state; the zero one if there is none.
func (d Deal) Entered(state DealState) Step {
	for _, step := range slices.Backward(d.History) {
		if step.State == state {
			return step
		}
	}
	return Step{}
}

// AckedByDefault reports whether the promises of its validators stand in for the buyer's
// ack of the deal once the ack deadline has passed. They do not while a challenge is open.
func (d Deal) AckedByDefault() bool {
	return d.State == DealCertified && d.AckMode == AckQuorum && !d.Challenged()
}

// DealFilter selects deals; zero fields do not filter. Lists are by number; with
// Due they begin with the deal whose deadline is nearest.
type DealFilter struct {
	Pool          PoolID
	Seller, Buyer Address
	Validator     Address // that may certify
	State         DealState
	Due           time.Duration // the state's deadline is not further ahead
	Undrawn       bool          // waits for its draw; Pool must be set
	Challenged    bool          // with an open challenge that Validator, which must be set, can answer
	NoTexts       bool          // without disclosed fields
	Reverse       bool          // from the last to the first
	Limit         int           // 0 takes the ledger's own
	Cursor        string        // from the page before
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
	State  string // the deal state, pool or validator status entered, in this package's words
	// Validator is the one that the event is about; empty where it is about none,
	// or about several.
	Validator Address
}

// Transaction is a transaction in a block, with what it did to one deal.
type Transaction struct {
	Hash   string // 64 hex digits in upper case, as the chain's tools write it
	Height int64
	Events []Event // of the deal, in order
}
