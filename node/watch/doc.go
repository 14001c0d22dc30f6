// Package watch has a map that can be watched: a reader gets a snapshot of all
// values, and then the latest of each value that changed.
//
// A [Map] is the present state of things that have a key, kept in memory, such as the
// sales of a seller. An [Index] finds its values by something else, under the same
// lock, so that no reader walks over all values.
//
// Watching is by level and not by edge: a slow reader misses what was in between,
// never the latest. A watch remembers at most one entry for each key, so it takes
// no more memory than the keys of the map, and the last values of keys that were retired
// while its reader was slow.
//
// It is not a store: what is put here is gone with the process.
package watch
