// Package bao computes and verifies the addresses of blobs: a blob's address, its root,
// is its BLAKE3 hash. The package divides blobs into segments, computes the BLAKE3 tree
// over them, and writes and reads slices, which prove a run of segments against the
// root alone.
//
// It is pure: no files, no network, no keys. A store (transfer/blob) decides
// where bytes and tree are stored; the wire protocol (transfer) decides who gets them.
//
// # Units
//
// Sizes and offsets are in bytes. Segments are numbered from 0 over the whole blob. A
// segment is 65,536 bytes, the last one possibly less, and is one BLAKE3 chunk group
// (2^6 chunks of 1,024 bytes). An empty blob has no segment.
//
// # The tree
//
// A blob of n segments has n−1 parent nodes of 64 bytes, the chaining values of the
// left and the right child. A parent is identified by its split, the number of the
// first segment of its right half. Every split from 1 to n−1 identifies exactly one
// parent, whatever n is, so that a node's offset in a tree file does not depend on the
// size of the blob: node s is at byte 64·(s−1). A tree can therefore be written while a
// blob of unknown length is read once, and read at random.
//
// # Slices
//
// A slice has the format of lukechampine.com/blake3/bao with group 6: the size as LE64,
// then, in pre-order, the run's segments and the nodes on the paths to them. Reader and
// writer both verify every node and every segment, so that a reader passes on no
// unverified data and damage on a disk is found by its owner. The exceptions are
// ReadUnverified and WriteKnown.
//
// Functions are safe for concurrent use; types are not unless they say so. A Builder
// has goroutines only while Write runs.
package bao
