package pdx

import "time"

// PoolStatus tells whether a pool takes offers.
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
	Terms        []Term
	Deadlines    Deadlines
	Expiry       time.Time
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
	Criteria       ContentID
	Certificates   uint32 // k
	Validators     []Address
	Terms          []Term
	Deadlines      Deadlines
	Expiry         time.Time
	Status         PoolStatus
}

// Validator is a registered validator.
type Validator struct {
	Address       Address
	Moniker       string
	Bond          Amount
	Commission    uint32 // basis points
	MaxCommission uint32
	MaxChange     uint32 // basis points a day
	PeerID        string
	Addresses     []string // multiaddrs
	Status        string   // bonded
}
