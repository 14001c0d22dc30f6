package criteria

import (
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/internal/findings"
)

const (
	// MaxDocumentBytes bounds a criteria document, in bytes: every party of a pool
	// fetches it before it can decide anything. Larger schemas are addressed by CID.
	MaxDocumentBytes = 1 << 20
	// MaxSchemaBytes bounds one schema that is addressed by CID, in bytes. The FHIR R4
	// schema, the largest in common use, has 3.4 MB.
	MaxSchemaBytes = 8 << 20
	// MaxSchemas bounds how many schemas a criteria document pulls in by CID.
	MaxSchemas = 64
	// MaxSchemaValues bounds the JSON values of all schemas together, and
	// MaxSubschemas the objects and booleans among them, each of which may be a
	// subschema. The compiler takes a time that is quadratic in the subschemas: 20,000
	// take 4 s, 80,000 more than two minutes. The FHIR R4 schema has 45,000 values and
	// 16,000 subschemas; it takes 0.5 s.
	MaxSchemaValues = 250_000
	// MaxSubschemas is explained with MaxSchemaValues.
	MaxSubschemas = 24_000
	// MaxPatternOps bounds the regular expressions of a schema together, in
	// operations of their compiled programs; an operation has 40 bytes: 20 MB.
	MaxPatternOps = 500_000

	// MaxRecordBytes bounds one record. It is held in memory as text, with at most 4
	// times its size for positions of values and 20 times for hashes of findings. With
	// what the garbage collector has not collected yet, a check takes at most 40 times
	// the record's size plus 32 MiB, which TestMemory… measures: 672 MiB for 16 MiB. A
	// validator checks two datasets at once, so it takes 1.3 GiB at worst, and 144 MiB
	// if the documents keep to DefaultRecordBytes.
	MaxRecordBytes = format.MaxRecordBytes
	// DefaultRecordBytes bounds one record if a document of version 2 or later does
	// not, 1 MiB: a check of it takes little memory on any machine, and records in
	// common use have a few KiB.
	DefaultRecordBytes = 1 << 20
	// MaxDatasetBytes bounds a dataset if the document does not: 1 TiB.
	MaxDatasetBytes = 1 << 40
	// MaxUniqueKeys bounds the digests that Check remembers, 16 bytes each; Go's
	// map of that many was measured at 143 MB. A document with unique keys takes at most
	// MaxUniqueKeys / len(unique) records.
	MaxUniqueKeys = 4_000_000

	// MaxFields bounds the disclosed fields of a document.
	MaxFields = fields.MaxFields
	// MaxTopLevel bounds the top-level fields that Survey lists; a file with more is
	// ErrData.
	MaxTopLevel = 1024
	// MaxUnique bounds the unique keys of a document.
	MaxUnique = 8
	// MaxUniqueParts bounds the pointers of one unique key.
	MaxUniqueParts = 8
	// MaxPointerBytes bounds a JSON pointer of a document, in bytes.
	MaxPointerBytes = fields.MaxPointerBytes
	// maxMediaType bounds a media type: the type and the subtype have at most 127
	// bytes each (RFC 6838). The chain takes 255.
	maxMediaType = 255
	// MaxTextBytes bounds a title, description or purpose, in bytes.
	MaxTextBytes = 8192

	// MaxFindings bounds the findings that a report lists; Report.Total counts all.
	// Nobody corrects more than twenty by hand before checking again.
	MaxFindings = findings.Most
	// MaxPathBytes bounds a finding's path, in bytes: validators send findings to
	// sellers.
	MaxPathBytes = findings.MaxPathBytes
	// maxName is the longest member name that a path shows when no criteria
	// name it.
	maxName = 64

	// The cost of checking one record, in schema evaluations, may be stepsBase +
	// stepsPerByte × its size. On FHIR R4 records an evaluation was measured at
	// 0.03 to 0.06 µs, so this is about 6 ms and 170 KB/s at the slowest; a hostile
	// schema's evaluations may be dearer. FHIR R4 takes 0.5 to 1.2 a byte with
	// dispatch, and 25 to 70 without.
	stepsBase    = 100_000
	stepsPerByte = 100

	// stepsPerFinding is what a finding of the schema costs. It bounds the hashes
	// of findings that are kept for a record: at most 1.25 for each of its bytes.
	stepsPerFinding = 80
	// bytesPerStep is how much of a name or string is read for one step.
	bytesPerStep = 64

	// A name or string with an escape is decoded whenever it is read: about ten
	// times the work, and a value is made anew.
	escapeSteps        = 8
	bytesPerEscapeStep = 8
	// maxScope bounds how many subschemas are under evaluation at once, one in
	// another. Each takes up to 2 KiB of stack. FHIR R4 needs fewer than 10 for each
	// level of nesting, of which records have at most 128.
	maxScope = 8192
	// maxFormatBytes bounds the strings whose format is checked, but for URLs:
	// some checks split a string into as many parts as it has bytes, of 16 bytes.
	maxFormatBytes = 64 << 10
	// maxRegexBytes bounds the strings whose format "regex" is checked: a byte may
	// take 200 bytes of memory.
	maxRegexBytes = 16 << 10

	// batchBytes and batchRecords bound the records that are read before they are checked:
	// with a few batches under way, some 3 MB.
	batchBytes   = 256 << 10
	batchRecords = 4096

	// progressEvery is how many bytes pass between two reports of progress.
	progressEvery = 1 << 20
)
