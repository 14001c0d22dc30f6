// Package transfer moves blobs between peers: the protocols /pdx/<chain-id>/blob/1
// and, for many small ones at once, /pdx/<chain-id>/blobs/1.
//
// A blob is a sequence of bytes that is addressed by its root; roots and segments are
// those of package exchange/bao, stores those of transfer/blob. A Server serves runs of
// segments from a blob store to the pullers that an Authorizer allows, in turns and
// within the user's upload limit. A Client pulls a blob into a store from one or
// several sources at the same time, verifies every segment before it stores it, and
// resumes after any interruption. Package activity records the transfers of both.
// docs/spec/transfer.md specifies the protocols.
//
// The package has no deals, accounts or payments: the Authorizer decides about them. It
// does not find peers and does not decrypt blobs.
//
//	Pull → plan → worker: request → response → intake: verify → store → checkpoint → Commit
//
// The plan (package internal/plan) says who fetches which segments. Each source
// (source.go) has as many workers (worker.go) and connections (package p2p/multiconn)
// as its path needs. A worker has one stream and always has requests in flight on it. A
// response (response.go) verifies nodes of the tree and passes segments to the intake
// (package internal/ingest), which hashes and writes them on all cores, in a bounded
// number of buffers, and syncs them at intervals. A pull uses constant memory plus two
// bits per segment.
//
// PullMany pulls many blobs of one segment each from one peer (client_batch.go):
//
//	missing → frames of roots → streams: ask, ask … → verify → batch → Commit
//
// # Whose fault
//
// A failure that a peer caused is a *PeerError, which names the peer. It wraps
// pdx.ErrCorrupt (the peer sent wrong bytes or broke the protocol: do not ask it
// again), pdx.ErrRefused, pdx.ErrNotFound, pdx.ErrInvalid (the peer does not accept the
// request, or states a size beyond ClientConfig.MaxSize), or pdx.ErrUnavailable (the
// peer is busy, slow or gone: ask again, nothing is lost). Every other error is one of
// the store or of the caller's arguments or context.
//
// # Concurrency
//
// Client, Server and Metrics are safe for concurrent use. An Authorizer is
// called from many goroutines, a progress function from one at a time. Between Start
// and Stop, a server has one goroutine for each stream, and a few more for a request
// for many blobs while it asks the Authorizer. A Client has goroutines only while a
// pull runs: one for each source, worker and core, and one that syncs.
package transfer
