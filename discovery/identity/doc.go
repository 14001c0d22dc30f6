// Package identity learns which account a peer speaks for, over the protocol
// /pdx/<chain-id>/hello/1.
//
// Both sides challenge each other; then the opener, and after it the responder,
// answers with a binding: the account's signature over chain, peer ids of
// speaker and reader, the reader's challenge and an expiry. A binding made for
// one reader is worthless to any other, and a responder names its account only
// to a peer that has proven one of its own. docs/spec/network.md has the bytes.
//
// A binding alone says nothing about who presents it: the presenter must be on a
// channel, or be the signer of a message, of the very peer id. [Bind] and
// [CheckBinding] make and check one for discovery/gossip as well; what is signed,
// and how, is exchange/attest's.
//
// Hello proves who a peer is, not what it may do: that is on chain.
//
// Flow: Account answers from a bounded cache, else opens a handshake; several
// questions about one peer share one handshake. Whoever is greeted learns the
// opener's account as well, so a gate that is asked right after needs no
// handshake of its own. Proofs are forgotten when the binding expires.
//
// A Service is safe for concurrent use. It starts once.
package identity
