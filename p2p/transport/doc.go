// Package transport has the libp2p transports of a node: Noise and yamux over TCP and,
// on request, QUIC, and WebSocket with Noise and yamux inside. There is no other, so that
// every connection is encrypted.
//
// Package p2p/host makes a node's host from them. Tools that measure a path use them
// too, so that their hosts carry bytes exactly as a node does.
package transport
