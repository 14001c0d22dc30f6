// Package perf measures the path to a peer: its round-trip time and its rate.
//
// Ping uses libp2p's ping protocol, which every host answers. Perf uses its own
// protocol, /pdx/<chain-id>/perf/1, because with libp2p's a peer can ask for any number
// of bytes. Here a measurement is bounded in bytes and time, two peers are served at
// the same time, an address group is served one measurement per 5 seconds after a burst
// of four (further streams are reset with StreamRateLimited), and peers without a
// proven account are refused. Only zeros are sent; no store is read.
//
// Perf does not benchmark pulls: it measures the path, with encryption but without
// hashing or disks, so that a user can tell whether the path is the cause of a slow
// pull. For comparison it uses as many connections (package p2p/multiconn) and streams
// as a pull. A single stream would measure only the size of its window.
//
// # Wire
//
// The asker opens a stream and sends BE64(up) ‖ BE64(down), the numbers of bytes that
// it will send and wants to receive, each at most MaxBytes. The answerer sends one
// byte: 0 go on, 1 busy, 2 refused, 3 not a request; it closes the stream after all but
// 0. Then the asker sends up bytes. When the answerer has received them all, it sends
// one byte, 0, and down bytes, and closes the stream. Either side may reset the stream
// at any time to end the measurement.
//
// A measurement uses one or several such streams, each for a share of the bytes; only
// the asker knows that they belong together. The asker opens the others after the first
// has been accepted, and sends after all have been answered. It begins to count
// received bytes when the peer has received everything on all streams. What a stream
// received before that, at most its window, counts as well. Streams other than the
// first may fail; the share of such a stream is not measured.
//
// Rates are in bytes per second.
package perf
