package seller

import (
	"fmt"
	"log/slog"

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

// Progress is how far a validator is. Stage is one word, such as "queued",
// "pulling", "checking" or "certifying".
type Progress struct {
	Stage       string
	Done, Total uint64 // bytes, where the stage moves bytes
	Message     string
}

// Verdict is what a validator certified.
type Verdict struct {
	Accepted bool
	Reason   pdx.RejectReason // 0 when accepted
	Findings []Finding        // the first few
	Report   [32]byte         // hash of the report
}

// Finding is one breach of the criteria; it holds no value from the data.
type Finding struct {
	Record uint64 // from 1; 0 for the dataset as a whole
	Path   string // JSON pointer into the record
	Rule   string
}
