// Package fs is a blob store in a directory, safe against crashes.
//
//	DIR/LOCK              held by the one process that has the store open
//	DIR/tmp/RANDOM/       blobs being made or thrown away; swept when the store is opened
//	DIR/partial/CID/      blobs being pulled
//	DIR/blobs/CID/        whole blobs
//	DIR/trees/CID/        blobs whose bytes lie elsewhere: see blob.Origin
//	DIR/packs/NUMBER/     small blobs that came in one batch
//
// The directory of a blob has three files: data, the bytes as they are; tree,
// the nodes as exchange/bao lays them out; and facts, a small checksummed
// record of root, size and which segments are held (see facts.go). One whose bytes
// lie elsewhere has no data.
//
// # Packs
//
// A batch becomes one file, pack: its blobs end to end, then their roots and
// places, sorted by root, and a checksum (see index.go). It never changes. So many
// small blobs cost three syncs together (the file, its directory, the directory
// of packs) and not ten each. They need no tree: each is one segment, whose hash
// is its root. In memory a store keeps 20 bytes and a bit of each (see catalog.go);
// the roots are read from the file. A blob that is deleted gets its bit in a small file
// beside the pack, gone, which is replaced as facts are; its bytes go with the
// pack, when the last of its blobs is deleted, or when so few are left that they
// are put into a new one (compact.go). A blob may be in several packs, and
// have a directory too: Delete forgets all of them, and DeleteMany those of a pack
// at once.
//
// # What a crash leaves
//
// Facts are written last: data is synced, then the tree, then a new facts file,
// which replaces the old one by rename. So facts never name a byte that the
// disk might not have; a crash costs what was put since the last Checkpoint. A
// blob becomes whole by the rename of its directory. Nothing is synced for each
// segment.
//
// After a sync that failed nobody knows what is on the disk, and the next sync
// does not tell: whatever was not in the facts before is written again. What is seen
// of another process's work is synced before it is built upon. powercut_test.go
// cuts the power of stores at random to show it.
//
// # What a store checks
//
// Before a blob is served its files must have exactly the sizes that its facts
// state; nodes are verified whenever they are served, segments once in the life of
// the process, and again when a file has changed. What came in a batch is hashed
// whenever it is read. What fails is pdx.ErrCorrupt. Files of wrong sizes are
// replaced when the blob is pulled or made again; bytes that have rotted in place
// must be deleted first. A pack whose index has rotted is logged (WithLog), left
// where it is and not used: what was in it is not here any more, and is pulled again.
package fs
