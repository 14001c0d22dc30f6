package model

import (
	"time"

	"github.com/medibloc/pdx"
)

// Duty is a deal for which this validator was drawn and on which it has given no verdict.
type Duty struct {
	Deal     pdx.DealID
	Pool     pdx.PoolID
	Deadline time.Time // of the verdict
	WaitsFor string    // what blocks the check; empty while it proceeds
}
