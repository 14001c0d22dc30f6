// Package folder is the form in which a folder of files is one stream of bytes: a
// manifest, which names the files and their sizes, and then their bytes, one
// after the other, in the manifest's order. docs/spec/folder.md is its definition.
//
// It is pure: it opens no files and makes none. Whoever has a folder lists it
// ([New]) and gives its files to be read ([Manifest.Join]); whoever gets the
// stream reads it file by file ([NewReader]) and writes them, or checks them
// where they pass. A path that was read is clean ([CheckPath]): relative, without
// "..", and a name on every system; that it does not lead through a link is for
// the writer to see to.
//
// A set of paths and contents has exactly one stream: paths are sorted, and what
// could be written in two ways is refused. Owners, modes and times are not in it:
// they tell of the seller's machine and would make two equal folders differ.
// Hashes are not in it either: the root of the dataset covers every byte, and a
// hash beside it could only be false.
//
// Sizes are bytes. Memory: the manifest, at most about twice [MaxManifest], and
// that again while one is read. A [Manifest] and a [Joined] may be used from many
// goroutines, a [Reader] by one.
package folder
