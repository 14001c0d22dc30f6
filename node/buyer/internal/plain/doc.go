// Package plain makes plain files of what was bought in a pool: a file for each deal, or one
// of all deals in which no unique key comes twice, with Croissant metadata and digests.
//
// The folder appears whole or not at all. Memory does not grow with the records: keys that
// were seen are in a database on disk. No byte of a dataset is parsed here: the engine does
// that, and gives each record as one line.
package plain
