// Package fields defines which part of a record a list of JSON pointers selects, and
// extracts that part from JSON text.
//
// A Pointer selects one part of a record, a Tree the parts of a list of pointers. A
// Selection is what a projection keeps of each record. Formats whose records are JSON
// text extract it with a Cutter; formats with columns look up their columns in its
// Tree. docs/spec/criteria.md ("Pointers", "Projection") is the specification.
//
// All types but Cutter may be shared between goroutines if they are not changed.
package fields
