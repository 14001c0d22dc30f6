// Package transfer moves blobs between peers: the protocol /pdx/<chain-id>/blob/1.
//
// A Server answers requests for runs of segments out of a blob store, after a
// Gate has allowed the puller. A Client pulls a blob into a store, verifies every
// segment before it is kept, and takes up where it left off after any
// interruption. docs/spec/transfer.md is the protocol for other implementations.
//
// The package does not know what a deal, an account or a payment is: whoever
// wires it puts that knowledge into the Gate. It does not find peers and does not
// open what it moves.
//
//	Pull → Partial → plan of missing runs → request → status → slices → verify → put → Checkpoint → Commit
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
// Client, Server and Metrics are safe for concurrent use. A Gate is called from
// many goroutines. A progress function is called from one at a time. NewServer
// starts nothing; between Start and Stop the host runs one goroutine for each
// stream. A Client owns goroutines only while Pull runs.
package transfer
