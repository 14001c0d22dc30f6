// Package table is the formats of tables as text: CSV (RFC 4180) and TSV, which is the
// same with tabs. The first row is the header, which names the columns; each row after
// it is a record with a member for each cell that is not empty.
//
// A cell is text, unless the schema calls its column a number or a boolean and the cell
// reads as one ([format.Shape]). Quotes are strict: a file that two readers could take
// for different tables is refused. docs/spec/formats.md has every rule.
//
// The reader is this package's own, because encoding/csv skips blank lines, changes line
// ends within cells and holds a row of any size in memory. It agrees with encoding/csv
// on every file that both accept, but for these; a fuzz test compares them.
package table
