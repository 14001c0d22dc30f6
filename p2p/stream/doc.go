// Package stream is the server kit for request/response protocols over libp2p: one
// admission, one life cycle and one frame codec for all of them.
//
// A [Server] runs the handlers of one protocol. For each stream it takes these
// steps, so that what is refused costs least: catch panics; account the stream to
// the protocol's service in the host's resource manager; take tokens of the remote
// address group; take a slot; reserve memory; call the handler; close the stream,
// or reset it with the code of the handler's error.
//
// Limits and errors are values that a protocol passes: [Limits] and [Kinds]. The
// package knows no protocol and no identity; [Config].Account is how a protocol
// learns which account a peer speaks for.
//
// A frame is a minimal unsigned varint, the length, and that many bytes of
// protobuf. [ReadFrame] and [WriteFrame] are the codec; a [Stream] adds deadlines.
//
// A client opens streams with a [Dialer], which has the same kinds of errors.
//
// Server, Dialer, Buckets and Metrics are safe for concurrent use. Of a Stream one
// goroutine may read while another writes.
package stream
