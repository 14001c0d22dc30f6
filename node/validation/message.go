package validation

import (
	"fmt"
	"log/slog"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/medibloc/pdx"
)

// Protocol is the protocol's id on a chain.
func Protocol(chainID string) protocol.ID {
	return protocol.ID("/pdx/" + chainID + "/validate/1")
}

// Request asks for a deal to be validated. Opening is a secret between seller
// and validator.
type Request struct {
	Deal    pdx.DealID
	Opening pdx.Element // M
	Proof   [64]byte    // dleq-v1 over (S, H, M)
}

// LogValue shows the deal only.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String shows the deal only.
func (r Request) String() string { return "request for deal " + r.Deal.String() }

// Format shows the deal only, whatever the verb.
func (r Request) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// Stage is what a validator is doing.
type Stage string

// The stages; the last two end a validation.
const (
	Queued     Stage = "queued"
	Pulling    Stage = "pulling"
	Checking   Stage = "checking"
	Certifying Stage = "certifying"
	Done       Stage = "done"
	Failed     Stage = "failed"
)

// Progress is how far a validation is; Done of Total in bytes where the stage
// moves bytes, else 0 of 0.
type Progress struct {
	Stage       Stage
	Done, Total uint64
	Message     string
	// Verdict is the one that waits for a block; only with Certifying, and nil if the
	// validator does not say.
	Verdict *Verdict
	// Slots is how many deals of the asker are in work at once; 0 if the validator
	// does not say. The server fills it in.
	Slots int
}

// Verdict is the outcome, as it was certified on chain, or is about to be.
type Verdict struct {
	Accepted bool
	Reason   pdx.RejectReason // 0 when accepted
	Findings []Finding        // the first few
	Report   [32]byte         // hash of the validation report
	// Pending says that the certificate is on its way to the chain. The client sets it.
	Pending bool
}

// Finding is one breach of the criteria; it names a place, never a value.
type Finding struct {
	Record uint64 // from 1; 0 for the dataset as a whole
	Path   string // JSON pointer
	Rule   string
}
