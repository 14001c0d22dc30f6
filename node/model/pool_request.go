package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// PoolRequest is the pool that a person wants to open.
type PoolRequest struct {
	// RequestID identifies the request: a repeated one never opens a second pool.
	RequestID    string
	Title        string        // empty: the criteria's
	Criteria     []byte        // the criteria document; its CID is that of these exact bytes
	Schemas      [][]byte      // those that the criteria address by CID
	Price        pdx.Amount    // of one dataset
	TargetCount  uint64        // how many datasets
	Certificates uint32        // k: how many validators must accept a dataset
	Validators   []pdx.Address // that the pool trusts
	Draw         uint32        // how many of them are drawn at random for each deal; 0: all may certify
	AckMode      pdx.AckMode   // empty: the buyer acknowledges
	Reward       *pdx.Amount   // of a verdict that agrees with the outcome; nil: DefaultReward
	Terms        []pdx.Term
	// AllowDuplicates takes data that the pool bought before; otherwise at most MaxOverlap of a
	// million records of a dataset may be in them.
	AllowDuplicates bool
	MaxOverlap      uint32
	MaxDataset      uint64        // largest ciphertext in bytes; 0: the largest that all validators take
	Deadlines       pdx.Deadlines // of each deal; a zero one takes the chain's default
	Life            time.Duration // how long the pool stays open; 0: 30 days
}

// maxDefaultReward pays the gas of a verdict on Panacea and some work.
const maxDefaultReward pdx.Amount = 1_000_000

// DefaultReward is that of a pool whose buyer names none: up to 1 MED, and for all verdicts
// of a deal together not more than a third of the price.
func DefaultReward(price pdx.Amount, verdicts uint64) pdx.Amount {
	return min(maxDefaultReward, price/pdx.Amount(3*max(1, verdicts)))
}
