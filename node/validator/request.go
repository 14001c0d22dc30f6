package validator

import "github.com/medibloc/pdx"

// Request is a seller's wish that a deal be checked.
type Request struct {
	Deal pdx.DealID
	// Asker is the account that the asking peer proved to be.
	Asker pdx.Address
	// Peer is that peer's identity in text form; the ciphertext is pulled from it.
	Peer string
	// Opening is M, and Proof its dleq-v1 proof (64 bytes) in the open-dataset
	// context of this deal and this validator.
	Opening pdx.Element
	Proof   []byte
}

// Stage is what a validator is doing for a request.
type Stage string

// The stages, in their order.
const (
	StageQueued     Stage = "queued"     // Done of Total requests are before this one
	StagePulling    Stage = "pulling"    // Done of Total bytes are held
	StageChecking   Stage = "checking"   // Done of Total bytes were checked
	StageCertifying Stage = "certifying" // the verdict is on its way to the chain
)

// Progress says how far a request is.
type Progress struct {
	Stage       Stage
	Done, Total uint64
	Verdict     *Verdict // with StageCertifying, else nil
}

// Finding is one breach. It never carries a value from the data.
type Finding struct {
	Record uint64 // 1-based; 0 for the dataset as a whole
	Path   string // JSON pointer into the record
	Rule   string
}

// Verdict is what a validator certified.
type Verdict struct {
	Accepted bool
	Reason   pdx.RejectReason // 0 when accepted
	Findings []Finding        // the first few
	Report   [32]byte         // hash of the report, as the certificate carries it
}

// Queue is how busy a validator is.
type Queue struct {
	Running, Workers int // validations under way, and how many there can be
	Waiting, Places  int // requests that wait, and how many may
}
