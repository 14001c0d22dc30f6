// Package folder defines the format in which a folder of files is sold as one stream of
// bytes: a manifest, which has the paths and sizes of the files, and then their bytes,
// one after the other, in the manifest's order. docs/spec/folder.md is the
// specification.
//
// It opens and creates no files. A seller lists a folder ([New]) and provides its files
// for reading ([Manifest.Join]); the buyer reads the stream file by file ([NewReader]).
// Every path in a manifest passes [CheckPath]: it is relative, without "..", and valid
// on every system. Whoever creates the files must ensure that no path leads through a
// symbolic link.
//
// A set of paths and contents has exactly one stream: paths are sorted by their bytes,
// and ambiguous encodings are refused. The stream has no owners, modes and times, which
// would reveal details of the seller's machine and make two equal folders differ. It
// has no hashes of files either: the root of the dataset covers every byte, and a
// further hash could be false.
//
// Sizes are in bytes. A manifest takes at most about twice [MaxManifest] of memory, and
// as much again while it is read. A [Manifest] and a [Joined] may be used by many
// goroutines, a [Reader] by one.
package folder
