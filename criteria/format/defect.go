package format

import (
	"fmt"

	"github.com/medibloc/pdx/criteria/internal/strict"
)

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

// NotJSON is the defect of a dataset that does not go on as JSON. Nothing follows.
var NotJSON = &Defect{Rule: RuleSyntax, Reason: "the JSON is damaged or ends too early"}

// TooLong returns the defect of a record that is longer than limit, which is
// Options.MaxRecord. The next record follows, unless Options.FailFast.
func TooLong(limit uint64) *Defect {
	size := fmt.Sprintf("%d bytes", limit)
	if limit >= mebibyte && limit%mebibyte == 0 {
		size = fmt.Sprintf("%d MiB", limit/mebibyte)
	}
	return &Defect{Rule: RuleRecordBytes, Reason: "the record is longer than " + size, Record: true}
}

const mebibyte = 1 << 20
