package format

import "github.com/medibloc/pdx/criteria/internal/strict"

// The rules that a dataset of any format can break. A format adds its own.
const (
	RuleSyntax      = strict.RuleSyntax // not JSON, or not the media type
	RuleRecordBytes = "record_bytes/max"
)

// Defect is what a Reader returns in place of a record that it cannot yield.
type Defect struct {
	// Rule is what is broken, as a report names it.
	Rule string
	// Reason says it in words, for the owner of the data.
	Reason string
	// Record: the defect is that of one record, which counts. Otherwise it is that
	// of the dataset as a whole.
	Record bool
	// Blank: nothing is there. A report lists the defect; a projection leaves it out.
	Blank bool
}

// Error implements error.
func (d *Defect) Error() string { return d.Reason }

// The defects of formats whose records are JSON text.
var (
	// TooLong: the record is longer than Options.MaxRecord. The next one follows.
	TooLong = &Defect{Rule: RuleRecordBytes, Reason: "the record is too long", Record: true}
	// NotJSON: the dataset does not go on as JSON. Nothing follows.
	NotJSON = &Defect{Rule: RuleSyntax, Reason: "the JSON is damaged or ends too early"}
)
