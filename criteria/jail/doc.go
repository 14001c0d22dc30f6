// Package jail parses and checks foreign bytes in a child process, which has nothing
// that a file made to do harm could take: no keys, no network, no files, and limits on
// memory and processor time. A [Jail] is a criteria.Engine: it does what
// criteria.InProcess does, and comes to the same results.
//
// The child is the same program, started with [Verb] as its only argument. Its main
// function must call [Main] before anything else. It is given a format's name, a criteria
// document and a number of bytes, and asks its parent for the bytes themselves by offset,
// over its standard input and output. What comes back is bounded and strictly decoded:
// counts, findings, names of fields, one record to show, the bytes of a projection.
//
// A child that does not come to a result says nothing about the data: [Error] has the
// cause, and no verdict follows from it. docs/spec/jail.md has the rules, and what fences
// a child on which system.
package jail
