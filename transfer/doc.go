// Package transfer moves blobs between peers: the protocols /pdx/<chain-id>/blob/1
// and, for many small ones at once, /pdx/<chain-id>/blobs/1.
//
// A Server answers requests for runs of segments out of a blob store, after an
// Authorizer has allowed the puller, to many pullers in turns and within the user's
// upload limit. A Client pulls a blob into a store from one source or many at
// once, verifies every segment before it is kept, and takes up where it left off
// after any interruption. Activities show what goes on. docs/spec/transfer.md is
// the protocol for other implementations.
//
// The package does not know what a deal, an account or a payment is: whoever
// wires it puts that knowledge into the Authorizer. It does not find peers and does not
// open what it moves.
//
//	Pull → plan → worker: request → response → intake: verify → store → checkpoint → Commit
//
// The plan (package internal/plan) says who fetches which segments. Each source
// (source.go) has workers (worker.go), each with a stream and requests under way all
// the time: as many as its path needs, over as many connections (package multiconn).
// A response (response.go) proves nodes and hands segments on to the intake (package
// internal/ingest), which hashes and writes them on all cores, from a bounded number of
// buffers, and makes them durable meanwhile. A pull takes constant memory, plus two
// bits for each segment.
//
// PullMany brings many blobs of one segment each from one peer (client_batch.go):
//
//	missing → frames of roots → streams: ask, ask … → verify → batch → Commit
//
// # Whose fault
//
// An error of a peer is a *PeerError that names it. It wraps pdx.ErrCorrupt (the
// peer sent wrong bytes or broke the protocol: do not ask it again),
// pdx.ErrRefused, pdx.ErrNotFound, or pdx.ErrUnavailable (busy, slow, gone: ask
// again, nothing is lost). Every other error is of the store or of the caller.
//
// # Concurrency
//
// Client, Server and Metrics are safe for concurrent use. An Authorizer is called from
// many goroutines. A progress function is called from one at a time. NewServer
// starts nothing; between Start and Stop the host runs one goroutine for each
// stream. A Client owns goroutines only while a pull runs: one for each source,
// worker and core, and one that saves. A frame for many blobs has a few more while
// the authorizer is asked.
package transfer
