// Package criteria reads criteria documents, which say what data a pool wants,
// and checks datasets against them.
//
// A document is JSON, strictly read, and addressed by the BLAKE3 CID of its
// bytes: a media type, a JSON Schema for every record, counts, sizes, unique
// keys, and the fields that the seller is asked to disclose. docs/spec/criteria.md
// is its definition.
//
// Flow: Parse reads a document; NewChecker compiles its schema, which may come
// by CID and never from a URL or a file, and finds the format of its media type;
// Checker.Check reads a dataset record by record and reports. On the seller's side
// Survey lists the fields of a file, Project writes the part that is disclosed, and
// the result is checked like any dataset.
//
// Package rules evaluates the rules in CEL of documents of version 3, after the schema.
//
// Package format and the packages below it split bytes into records. This package
// lists the formats of this version (Formats) and otherwise knows only records.
//
// A report names records, paths and rules, and never a value of the data. It depends
// on the criteria document, the disclosed fields and the dataset alone: two honest
// validators make the same report, and their certificates contain Report.Hash.
//
// Units: sizes are bytes, records count from 1. Memory: one record at a time, and
// for each key of Document.Unique a digest of 16 bytes per record, with a map's
// overhead. limits.go bounds both.
//
// Records that are valid are recognized by a program of the schema (internal/accept); all
// others go to the evaluator, which alone finds what is wrong and is the judge of the program.
//
// A Document may be shared. A Checker checks one dataset at a time: concurrent calls
// of Check run one after the other. It starts no goroutines but those of WithWorkers, which
// end with the call. The package opens no files and no connections. It is not a privacy filter: Project keeps what it is told to.
package criteria
