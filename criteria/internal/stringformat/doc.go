// Package stringformat judges the values of the JSON Schema keyword "format", each by
// the RFC that docs/spec/criteria.md names for it. Formats that it does not have
// are annotations: jsonschema's own judgements of them differ from the RFCs and
// between its versions, but a verdict on data has to stay the same.
package stringformat
