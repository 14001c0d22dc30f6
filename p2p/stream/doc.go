// Package stream has what servers and clients of request/response protocols over libp2p
// share: admission of streams, start and stop, and a frame codec.
//
// A [Server] runs the handlers of one protocol. For each stream it takes these steps,
// the cheapest first: recover from panics; assign the stream to the protocol's service
// in the host's resource manager; take tokens of the remote address group; take a slot;
// reserve memory; call the handler; close the stream, or reset it with the code of the
// handler's error.
//
// An address group is an IPv4 address or an IPv6 /56, which likely belongs to one
// customer. A relayed stream belongs to the group of the relay.
//
// Admission does not protect a peer's connection from being closed for being one too
// many, since anybody can open a stream and wait. A handler protects it while there is
// work, with [ServerStream.Serve] or [ServerStream.Transfer].
//
// Limits and errors are values that a protocol passes: [Limits] and [Kinds].
// [Config].Account is a function with which a handler finds out which account a peer
// speaks for.
//
// A frame is a protobuf message after its length in bytes, a minimal unsigned varint.
// [ReadFrame] and [WriteFrame] are the codec; a [Stream] adds deadlines, and a
// [ServerStream] what only a server has.
//
// A client opens streams with a [Dialer], which has the same [Kinds].
//
// Server, Dialer and Metrics are safe for concurrent use. One goroutine may
// read from a Stream while another writes to it.
package stream
