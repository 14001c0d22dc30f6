// Package perf measures the way to a peer: its round trip and its rate.
//
// Ping uses libp2p's own protocol, which every host answers. Perf has one of
// its own, /pdx/<chain-id>/perf/1, because libp2p's lets a peer ask for any
// number of bytes: here a measurement is bounded in bytes and in time, few peers
// measure at once, an address group may ask only now and then (libp2p's
// StreamRateLimited else), and peers without a proven account are refused. What is
// sent is zeros; nothing of a store is touched.
//
// It is not a benchmark of pulls: it shows what the path carries, with its
// encryption and without hashing or disks, so that a slow pull can be told from a
// slow path. For that it has what a pull has: as many connections as fill the path
// (package multiconn), and as many streams on each. One stream would show its window.
//
// # Wire
//
// The asker opens a stream and sends BE64 up ‖ BE64 down, the bytes that it will
// send and wants to receive, each at most MaxBytes. The answerer says one byte,
// 0 go on, 1 busy, 2 refused, 3 not a request, and closes after all but 0. Then
// the asker sends up bytes; the answerer, when it has them all, says one byte,
// 0, sends down bytes and closes. Either side may reset the stream when it has
// seen enough.
//
// A measurement is one such stream or several, each asked for its share; only the
// asker knows that they belong together. It opens the first, and the others when
// that is let in; sends when those have their answers too; and counts what it
// receives from when the peer has all that was sent on all of them. A stream that
// was ready sooner has by then received what its window holds, which counts as
// well. Streams other than the first may fail: the share of one that does is not
// measured, since the others have said already how much they are to carry.
//
// Rates are bytes over seconds. NewServer starts nothing.
package perf
