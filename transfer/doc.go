// Package transfer moves blobs between peers: the protocols /pdx/<chain-id>/blob/1
// and, for many small ones at once, /pdx/<chain-id>/blobs/1.
//
// A Server answers requests for runs of segments out of a blob store, after a
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
//	Pull → Partial → plan → lane: request → status → slices → checker: verify → put → saver: Checkpoint → Commit
//
// The plan (plan.go) says who fetches which segments. Each source (source.go) has
// lanes (lane.go), each a stream with requests under way all the time, as many as
// its path needs, over as many connections (package multiconn). Lanes prove nodes and
// hand segments on; checkers (checks.go) hash and write them on all cores, from a
// bounded number of buffers; the saver makes them durable meanwhile. A pull of
// any size takes the same memory, but for a bit a segment.
//
// PullMany brings many blobs of one segment each from one peer (client_many.go):
//
//	missing → frames of roots → lanes: ask, ask … → verify → batch → Commit
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
// lane and core, and one that saves. A frame for many blobs has a few more while
// the authorizer is asked.
package transfer
