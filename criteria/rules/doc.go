// Package rules evaluates the rules and aggregates of criteria documents of version 3.
//
// A rule is a condition in CEL, the Common Expression Language, on a record or on the
// aggregates of a dataset. docs/spec/criteria-rules.md defines which part of the language
// there is, what it means and what an evaluation may cost.
//
// The parser is cel-go's. Its evaluator is not used, because it has numbers of 64 bits
// and this package has exact ones, and because what an evaluation costs must not depend on
// the version of a library. Tests hold the two evaluators equal where they should be.
//
// Flow: Compile reads the rules and aggregates of a document; Set.Begin starts a dataset;
// Run.Record judges one record and adds it to the aggregates; Run.End judges the dataset.
// Nothing that Run.End finds depends on the order of the records.
//
// Memory: a Run keeps one number or time for each aggregate, 16 bytes for each distinct
// value, and while a rule runs at most 64 bytes for each byte of the record, and 1 MiB.
// The package starts no goroutines. A Set may be shared; a Run may not.
package rules
