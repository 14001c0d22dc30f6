// Package draft makes criteria documents for people to start from: of columns that they
// name, of a sample of the data, or of what an importer read.
//
// A draft is a complete document. It says what is certain about the columns and nothing
// that was guessed from values, so that nobody has to take rules out again.
package draft
