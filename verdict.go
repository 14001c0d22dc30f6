package pdx

// Verdict is what a validator certified about a dataset, or is about to certify.
type Verdict struct {
	Accepted bool
	Reason   RejectReason // 0 when accepted
	Findings []Finding    // the first few
	Total    uint64       `json:",omitempty"` // findings in all; 0 with findings: not stated
	Report   [32]byte     // hash of the validation report, as the certificate carries it
	// Pending is set while the certificate is on its way to the chain.
	Pending bool `json:",omitempty"`
}

// Finding is one breach of the criteria. It holds no value from the data.
type Finding struct {
	// Record counts from 1; 0 is the dataset as a whole.
	Record uint64
	// Path is a JSON pointer into the record. Names that the criteria do not know
	// and that do not look like names are "*".
	Path string
	// Rule is what was broken: one of the Rule constants of package criteria,
	// "schema/" and a JSON Schema keyword, or "unique/" and the number of a key.
	Rule string
}

// Stage is one step of work that takes long, in one word.
type Stage string

// The stages of a validation, in their order; the last two end it.
const (
	StageQueued     Stage = "queued"     // Done of Total requests are before this one
	StagePulling    Stage = "pulling"    // Done of Total bytes are held
	StageChecking   Stage = "checking"   // Done of Total bytes were checked
	StageCertifying Stage = "certifying" // the verdict is on its way to the chain
	StageDone       Stage = "done"
	StageFailed     Stage = "failed"
)

// Progress is how far a piece of work is.
type Progress struct {
	Stage       Stage
	Done, Total uint64 // 0 of 0 where the stage counts nothing
	Message     string // in the words of whoever does the work
	// Verdict waits for a block. It comes with StageCertifying only, and is nil if the
	// validator does not say.
	Verdict *Verdict
	// Slots is how many requests of the asking seller the validator has in work at
	// once; 0 if it does not say. A request that only waits for a block holds none.
	Slots int
}
