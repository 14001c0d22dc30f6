package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// PoolRequest is what a person asks for.
type PoolRequest struct {
	// RequestID names this wish: repeating it never opens a second pool.
	RequestID    string
	Title        string // empty takes the criteria's
	Criteria     []byte // the criteria document, exactly as it is to be addressed
	Schemas      [][]byte
	Price        pdx.Amount // of one dataset
	TargetCount  uint64
	Certificates uint32 // k
	Validators   []pdx.Address
	Draw         uint32      // how many of them are drawn by lot for each deal; 0: all may certify
	AckMode      pdx.AckMode // empty: the buyer acknowledges
	Terms        []pdx.Term
	Deadlines    pdx.Deadlines
	Life         time.Duration // how long the pool stays open; 0 takes 30 days
}
