package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// Duty is a deal that this validator was drawn for and has given no verdict on.
type Duty struct {
	Deal     pdx.DealID
	Pool     pdx.PoolID
	Deadline time.Time
	WaitsFor string // what stands in the way; empty while the check goes on
}
