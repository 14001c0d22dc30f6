package criteria

import (
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/folder"
	"github.com/medibloc/pdx/criteria/format/ndjson"
	"github.com/medibloc/pdx/criteria/internal/strict"
)

// The rules beside "schema/<keyword>" and "unique/<number>".
const (
	RuleJSON           = strict.RuleSyntax    // not JSON, or not the media type
	RuleUTF8           = strict.RuleUTF8      // not UTF-8, or half a surrogate pair
	RuleDuplicate      = strict.RuleDuplicate // a member twice in an object
	RuleNumber         = strict.RuleNumber    // a number too long or too large
	RuleDepth          = strict.RuleDepth     // nested too deep
	RuleFolder         = folder.RuleFolder    // not a folder of files, though one is wanted
	RuleFileType       = folder.RuleFileType  // a file of a folder that has no known format
	RuleBlank          = ndjson.RuleBlank
	RuleObject         = strict.RuleObject // a record that is not an object
	RuleUndisclosed    = "undisclosed"
	RuleRecordsMin     = "records/min"
	RuleRecordsMax     = "records/max"
	RuleBytesMin       = "bytes/min"
	RuleBytesMax       = "bytes/max"
	RuleRecordBytesMin = "record_bytes/min"
	RuleRecordBytesMax = format.RuleRecordBytes
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
