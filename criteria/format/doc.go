// Package format says what a format of data is: how the records of a dataset lie
// in its bytes. criteria judges records and knows no format; the roles ask a
// [Registry], which is a value that is passed in, for the format of a media type
// or of a file.
//
// A format takes an [Source]: bytes that can be read anywhere, and their number.
// It never opens a file. Formats come in two shapes. A [File] is one file. A
// [Folder] is a folder of files, each of which has a format of its own.
//
// Every format passes the suite of formattest. To add one: a package below this
// one, its test, and its line in criteria.Formats. docs/architecture.md has the
// recipe, docs/adr/0027-formats.md the reasons.
package format
