// Package ingest brings what was received into a store.
//
// An [Intake] takes the segments of one blob, whose position in the tree is proven and
// whose bytes are not verified yet. It hashes and stores them on all cores, away from
// the streams that read them, and makes them durable at the same time. Its memory is
// bounded: a stream gets a buffer for its next segment only when one is free, so a
// machine that is slower than the network slows its streams down.
//
// [Batches] takes small blobs that are verified already, and commits one batch while
// the next one fills.
//
// The package knows no network and no peer. What became of a segment is reported to
// its [Origin].
package ingest
