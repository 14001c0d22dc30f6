// Package blob is the contract of a store of blobs: bytes addressed by their
// BLAKE3 root, with the tree that proves any run of their segments.
//
// It is not a cache and not a file system: it keeps what it is given until
// Delete, knows no names but roots, and holds ciphertext as readily as anything
// else.
//
// Callers hold a [Store]. A new kind of store implements [Backend], which is small,
// and those abilities ([Puller], [Batcher], …) that it can do better than the
// fall-backs of [Complete]. Package fs keeps blobs in a directory and has every
// ability, package mem keeps them in memory; package blobtest is the suite that
// both pass with and without each ability, and says what the contract means.
//
// A blob is stored in one of four ways:
//
//	Create → Write … → Commit                         made here; the root is the result
//	CreateTree → Write … → Commit                     the same, but the bytes stay elsewhere: see Origin
//	Partial → PutNode, PutSegment … → Checkpoint … → Commit   pulled; the root is the start
//	Batch → Put … → Commit                            many small ones, pulled together
//
// It is read by Open → WriteSlice or ReadAt, a small one by Small. Only whole blobs can be opened.
//
// Sizes are bytes. A Store, a Blob and a Partial are safe for concurrent use; a
// Writer and a Batch are not.
package blob
