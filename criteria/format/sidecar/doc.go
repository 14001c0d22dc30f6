// Package sidecar is the format of a folder of any files, which one of them describes:
// files.ndjson has a record for every other file, with its path, its size, its BLAKE3
// digest, its kind by content, and whatever its owner adds. The criteria judge these
// records. The files are sealed as they are.
//
// The reader compares the description with the files, so a record means that there is a file
// of that size, content and kind, and no file is without a record. docs/spec/formats.md has
// the rules.
package sidecar
