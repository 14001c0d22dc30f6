// Package path measures the way to a peer: its round trip and its rate.
//
// Ping uses libp2p's own protocol, which every host answers. Perf has one of
// its own, /pdx/<chain-id>/perf/1, because libp2p's lets a peer ask for any
// number of bytes: here a measurement is bounded in bytes and in time, few run
// at once, an address may ask only now and then (libp2p's StreamRateLimited else), and a Gate says who
// may ask at all. What is sent is zeros; nothing of a store is touched.
//
// It is not a benchmark of pulls: it shows what the connection carries, with
// its encryption and without hashing or disks, so that a slow pull can be told
// from a slow path.
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
// Rates are bytes over seconds. A Server is safe for concurrent use; NewServer
// starts nothing.
package path
