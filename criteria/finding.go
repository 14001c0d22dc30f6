package criteria

import (
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/ndjson"
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
