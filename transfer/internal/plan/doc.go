// Package plan decides which worker fetches which segments of a blob.
//
// A worker takes a Job, which is what one request asks for: free segments, as many as
// the worker has been bringing in about half a second, so that its path never runs
// dry. When no segment is free any more, an idle worker takes the end of what the
// slowest worker has yet to bring. Those segments are asked for twice, and the first
// copy to arrive counts, so that the end of a pull does not wait for its slowest
// source.
//
// The package knows no network, no peer and no store: a Worker says how fast it is,
// and the caller reports what became of each segment. A Plan takes two bits for each
// segment of the blob. It is safe for concurrent use and runs nothing by itself.
package plan
