// Package transport says what the connections of a node are made of: Noise and
// yamux over TCP always, QUIC beside it if it is wanted, and nothing else, so that
// no plain connection can be made.
//
// It is not the node's host (that is package node's, with addresses, limits and
// reach), but what any host needs to carry bytes exactly as a node does: tools
// that measure a path use it too.
package transport
