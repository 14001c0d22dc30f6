// Package identity finds out which account a peer speaks for, over the protocol
// /pdx/<chain-id>/hello/1.
//
// In a handshake, both sides send a challenge; then the side that opened the stream,
// and after it the other, answers with a binding. A binding is an account's signature
// over the chain, the peer ids of the speaker and the reader, the reader's challenge
// and an expiry. It is of no use to another reader. A responder discloses its account
// only to a peer that has proven an account that Config.Admit lets know it. An opener
// discloses its own first, so it greets only peers that may know it.
// docs/spec/network.md has the encoding.
//
// A binding alone does not prove who presents it: it must arrive on a connection of the
// peer that it names, or in a message that this peer signed. Bind and CheckBinding also
// serve discovery/gossip. Package exchange/attest defines the signed bytes.
//
// The handshake proves who a peer is, not what it may do; the chain says that.
//
// Account answers from a bounded cache or else opens a handshake, which concurrent
// calls for the same peer share. The responder learns the opener's account as well, so
// that it needs no handshake of its own; Introduce is for that alone. A cached account is
// forgotten when its binding expires.
//
// A Service is safe for concurrent use. It can be started once.
package identity
