// Package folder is the form in which a folder of files is one stream of bytes: a
// manifest, which names the files and their sizes, and then their bytes, one
// after the other, in the manifest's order. docs/spec/folder.md is its definition.
//
// It opens and creates no files. A seller lists a folder ([New]) and provides its files for
// reading ([Manifest.Join]); a reader of the stream reads it file by file ([NewReader]). A path
// in a manifest is clean ([CheckPath]): relative, without "..", and valid on every system. The
// writer must ensure that it does not lead through a link.
//
// A set of paths and contents has exactly one stream: paths are sorted, and ambiguous forms are
// refused. The stream has no owners, modes and times, which would reveal details of the
// seller's machine and make two equal folders differ. It has no hashes either: the root of the
// dataset covers every byte, and a further hash could be false.
//
// Sizes are in bytes. A manifest takes at most about twice [MaxManifest] of memory, and that
// again while it is read. A [Manifest] and a [Joined] may be used by many goroutines, a
// [Reader] by one.
package folder
