// Package bao is the arithmetic of addressed bytes: segments and runs of
// them, the BLAKE3 tree over a blob, and the slices that prove a run of segments
// against the root alone.
//
// It is pure: no files, no network, no keys. A store (transfer/blob) decides
// where bytes and tree are stored; the wire protocol (transfer) decides who gets them.
//
// # Units
//
// Sizes and offsets are bytes. Segments are numbered from 0 over the whole blob;
// a segment is 65,536 bytes, the last one shorter or full, and is one BLAKE3
// chunk group (2^6 chunks of 1,024 bytes). A blob of no bytes has no segment.
//
// # The tree
//
// A blob of n segments has n−1 parent nodes of 64 bytes, the chaining values of
// the left and the right child. A parent is named by its split: the number of the
// first segment of its right half. Every split from 1 to n−1 names exactly one
// parent, whatever n is, so that a node's offset in a tree file does not depend on
// the size of the blob: node s is at byte 64·(s−1). A tree can therefore be
// written while a blob of unknown length is read once, and read at random.
//
// # Slices
//
// A slice is what lukechampine.com/blake3/bao makes at group 6: the size as LE64,
// then nodes and segments in pre-order, only those on the way to the wanted run.
// Reader and writer here both check every node and every segment on the way, so
// that a reader passes on no unverified data and a damaged disk is found by its owner.
//
// Nothing here is safe for concurrent use unless it says so. A Builder owns
// goroutines only while Write runs.
package bao
