package pdx

import (
	"slices"
	"time"
)

// PoolStatus reports whether a pool takes offers.
type PoolStatus string

// The statuses of a pool.
const (
	PoolOpen    PoolStatus = "open"
	PoolClosed  PoolStatus = "closed"
	PoolExpired PoolStatus = "expired"
	PoolFilled  PoolStatus = "filled"
)

// Deadlines are how long a deal may wait in each state, before the stretch for
// a dataset's size. Zero means the chain's default.
type Deadlines struct {
	Certify, Ack, Key, Dispute time.Duration
}

// Term is one point of a pool's agreement.
type Term struct {
	ID                 uint32
	Required           bool
	Title, Description string
}

// Agreement is a seller's answer to one term.
type Agreement struct {
	Term   Term
	Agreed bool
}

// AckMode says who acknowledges the ciphertext of a pool's deals.
type AckMode string

// The modes; the empty one is AckBuyer to the chain.
const (
	// AckBuyer: only the buyer does.
	AckBuyer AckMode = "buyer"
	// AckQuorum: k validators that promise availability stand in for the buyer
	// when the ack deadline has passed.
	AckQuorum AckMode = "quorum"
)

// NewPool is what a buyer asks for.
type NewPool struct {
	Key          Element // B
	KeyProof     []byte  // pop-v1, 64 bytes
	Title        string
	MediaType    string
	Price        Amount // of one dataset
	TargetCount  uint64
	Criteria     ContentID
	Certificates uint32 // k
	Validators   []Address
	Draw         uint32 // how many of them are drawn at random for each deal; 0: none are, all may certify
	// DrawCommitment is the end of the buyer's hash chain, if Draw is not 0.
	DrawCommitment [32]byte `json:",omitzero"`
	AckMode        AckMode  // empty: AckBuyer
	Reward         Amount   `json:",omitempty"` // of a verdict that agrees with the outcome
	Terms          []Term
	Deadlines      Deadlines
	Expiry         time.Time
	MaxDataset     uint64 `json:",omitempty"` // largest ciphertext in bytes; 0: the largest that all validators take
	// TagCommitment is the hash of the pool's tag key, and TagKeys has it sealed to each of
	// Validators; zero and none if the pool takes duplicates.
	TagCommitment [32]byte `json:",omitzero"`
	TagKeys       [][]byte `json:",omitempty"`
	MaxOverlap    uint32   `json:",omitempty"` // records in a million that may be in data that the pool bought before
}

// Pool is a pool as the chain holds it.
type Pool struct {
	ID             PoolID
	Buyer          Address
	Key            Element
	Title          string
	MediaType      string
	Price          Amount
	TargetCount    uint64
	ReservedCount  uint64 // deals that hold or held a reserved price: certified, acked, delivered
	DeliveredCount uint64
	Escrow         Amount // unreserved
	CloseCost      Amount // what would be held for its offers if it were closed now; 0 where it was listed or proven
	Criteria       ContentID
	Certificates   uint32 // k
	Validators     []Address
	Draw           uint32   // how many of them are drawn at random for each deal; 0: all may certify
	DrawCommitment [32]byte // of the next preimage to be revealed, and the last one that was
	DrawHeight     int64    // deals with a draw block up to here are drawn with the last preimage; 0 before
	RevealHeight   int64    // of the block that revealed it; 0 before
	AckMode        AckMode
	Reward         Amount // of a verdict that agrees with the outcome
	Terms          []Term
	TermsHash      [32]byte
	MaxDataset     uint64   // largest ciphertext, in bytes
	TagCommitment  [32]byte // hash of the tag key; zero if the pool takes duplicates
	MaxOverlap     uint32   // records in a million that may be in data that the pool bought before
	Deadlines      Deadlines
	Expiry         time.Time
	Status         PoolStatus
}

// ValidatorStatus reports whether a validator may certify: only a bonded one may.
type ValidatorStatus string

// The statuses of a validator.
const (
	ValidatorBonded    ValidatorStatus = "bonded"
	ValidatorUnbonding ValidatorStatus = "unbonding" // left; its bond stays in for a time
	ValidatorUnbonded  ValidatorStatus = "unbonded"
	ValidatorJailed    ValidatorStatus = "jailed" // until it asks to be unjailed
)

// PoolFilter selects pools; zero fields do not filter. Lists are by number; with
// a status and a price, but no buyer or media type, they begin with the cheapest.
type PoolFilter struct {
	Status             PoolStatus
	Buyer              Address
	MinPrice, MaxPrice Amount // both included
	MediaType          string // the whole; A to Z are as a to z
	Reverse            bool   // from the last to the first
	Limit              int
	Cursor             string
}

// Validator is a registered validator.
type Validator struct {
	Address       Address
	Moniker       string
	Bond          Amount
	Staked        Amount // its stakes in deals that have not ended; 0 where it was listed or proven
	Earned        Amount // all rewards and commissions that it ever got; 0 where it was listed or proven
	Commission    uint32 // basis points
	MaxCommission uint32
	MaxChange     uint32 // basis points a day
	PeerID        string
	Addresses     []string // multiaddrs
	RecipientKey  [32]byte `json:",omitzero"` // to which pools seal their tag keys; zero: none
	Status        ValidatorStatus

	CommissionChanged time.Time // the last change of its commission; zero before
	UnbondingTime     time.Time // when its bond is free at the earliest; zero unless unbonding
	JailedUntil       time.Time // when it may ask to be unjailed; zero before the first time
	Duties            uint32    // how many of the last deals for which it was drawn count
	MissedDuties      uint32    // how many of them lapsed without its verdict

	Conditions *Conditions // under which new pools may name it; nil in lists and proofs
}

// Conditions are under which new pools may name a validator.
type Conditions struct {
	MinIncome  Amount    // least that it gets of a certified dataset
	MaxDataset uint64    // largest ciphertext, in bytes
	MaxTerms   uint64    // most text of terms, in bytes
	Buyers     []Address // whose pools may name it; none: all
	MediaTypes []string  // that it checks, A to Z as a to z; none: all
}

// Registered reports whether the validator is bonded or jailed, and not leaving.
func (v Validator) Registered() bool {
	return v.Status == ValidatorBonded || v.Status == ValidatorJailed
}

// Full reports whether the escrow pays no dataset more. Deals that end may change that.
func (p Pool) Full() bool { return p.Escrow < p.Price }

// Verdicts is how many verdicts a deal of the pool can have.
func (p Pool) Verdicts() uint64 {
	if p.Draw > 0 {
		return uint64(p.Draw)
	}
	return uint64(len(p.Validators))
}

// Agreements are the answers of a deal's seller to the pool's terms, in their order. A
// term that was not answered is not agreed to.
func (p Pool) Agreements(d Deal) []Agreement {
	var list []Agreement
	for _, t := range p.Terms {
		list = append(list, Agreement{Term: t, Agreed: slices.Contains(d.Agreed, t.ID)})
	}
	return list
}
