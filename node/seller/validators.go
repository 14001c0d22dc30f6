package seller

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/medibloc/pdx"
)

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
