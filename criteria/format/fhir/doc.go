// Package fhir is the formats of FHIR resources: a Bundle, whose records are the resources
// of its entries, and NDJSON of resources.
//
// They differ from JSON and NDJSON in two ways. A Bundle gives a record for each
// entry.resource, and its projection is a Bundle of nothing else. And where a schema allows
// only some resource types, a projection leaves out the resources of others, so that an
// export of everything can be sold to who wants one type. docs/spec/formats.md has the rules.
package fhir
