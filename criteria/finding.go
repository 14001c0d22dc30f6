package criteria

import (
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/dicom"
	"github.com/medibloc/pdx/criteria/format/fhir"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/format/parquet"
	"github.com/medibloc/pdx/criteria/format/sidecar"
	"github.com/medibloc/pdx/criteria/format/table"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The rules that a finding names, besides "schema/<keyword>" for a keyword of JSON
// Schema, "unique/<number>" for a key of Document.Unique, counted from 0, and
// "rule/<name>" and "rule-error/<name>" for one of Document.Rules.
const (
	RuleJSON           = strict.RuleSyntax      // not JSON, or not the media type
	RuleUTF8           = strict.RuleUTF8        // not UTF-8, or half a surrogate pair
	RuleDuplicate      = strict.RuleDuplicate   // a member twice in an object
	RuleNumber         = strict.RuleNumber      // a number too long or too large
	RuleDepth          = strict.RuleDepth       // nested too deep
	RuleFolder         = folder.RuleFolder      // not a folder of files, though one is wanted
	RuleFileType       = folder.RuleFileType    // a file of a folder that has no known format
	RuleBlank          = ndjson.RuleBlank       // a blank line
	RuleTableHeader    = table.RuleHeader       // a table whose first row does not name the columns
	RuleTableQuotes    = table.RuleQuotes       // a row with quotes that CSV does not allow
	RuleTableCells     = table.RuleCells        // a row with more or fewer cells than columns
	RuleTableNUL       = table.RuleNUL          // a row with a NUL byte
	RuleFHIRExtra      = fhir.RuleExtra         // what a Bundle has beside its resources
	RuleSidecarNone    = sidecar.RuleNone       // no list of the files of a folder
	RuleSidecarEntry   = sidecar.RuleEntry      // a record that does not describe a file
	RuleSidecarMissing = sidecar.RuleMissing    // a record of a file that is not there
	RuleSidecarTwice   = sidecar.RuleTwice      // two records of one file
	RuleSidecarSize    = sidecar.RuleSize       // a file of another size than its record says
	RuleSidecarExtra   = sidecar.RuleExtra      // a file without a record
	RuleSidecarDigest  = sidecar.RuleDigest     // a file of another content than its record says
	RuleSidecarKind    = sidecar.RuleKind       // a file of another kind than its record says
	RuleParquet        = parquet.RuleParquet    // not a Parquet file, or beyond a bound of them
	RuleParquetType    = parquet.RuleType       // a column whose type has no form in a record
	RuleParquetValue   = parquet.RuleValue      // a value that has none
	RuleDICOM          = dicom.RuleDICOM        // not a DICOM file, or one whose lengths or order are wrong
	RuleDICOMValue     = dicom.RuleValue        // a value that is not what its representation says
	RuleObject         = strict.RuleObject      // a record that is not an object
	RuleUndisclosed    = "undisclosed"          // a field that is not among the disclosed ones
	RuleRecordsMin     = "records/min"          // fewer records than Document.Records allows
	RuleRecordsMax     = "records/max"          // more
	RuleBytesMin       = "bytes/min"            // a dataset smaller than Document.Bytes allows
	RuleBytesMax       = "bytes/max"            // larger
	RuleRecordBytesMin = "record_bytes/min"     // a record smaller than Document.RecordBytes allows
	RuleRecordBytesMax = format.RuleRecordBytes // larger
	ruleSchema         = "schema/"
	ruleUnique         = "unique/"
)

// shows reports whether name is one of the criteria's, or looks like one.
func (c *Checker) shows(name string) bool {
	if _, known := c.names[name]; known {
		return true
	}
	if name == "" || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		b := name[i]
		letter := b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_' || b == '$'
		if !letter && (i == 0 || (b < '0' || b > '9') && b != '-' && b != '.') {
			return false
		}
	}
	return true
}
