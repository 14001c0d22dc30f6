// Package peers finds the peer that speaks for an account, and has the connection manager keep
// those that this node needs.
//
// Bindings that came in topics or handshakes prove who speaks for an account, and the chain
// names the peers of validators. Any other candidate comes from discovery, where anybody
// announces anything; only a handshake proves one.
package peers
