// Package fields says which part of a record a list of JSON pointers means, and
// cuts that part out.
//
// A [Pointer] names members only and passes through arrays. A [Tree] holds a list
// of pointers by their tokens. A [Selection] is what a projection keeps of each
// record; formats whose records are JSON text cut it out with a [Cutter], and
// formats with columns walk its tree. docs/spec/criteria.md ("Pointers",
// "Projection") is the definition.
//
// All types but Cutter may be shared between goroutines once they are made.
package fields
