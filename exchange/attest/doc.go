// Package attest holds the bytes that chain and node must agree on before either
// believes a proof or a signature: the contexts that proofs are bound to, the
// hash of a dataset's certificates, and the sign bytes of account bindings.
//
// It is a leaf: it imports the words, the suite and a signature library, and
// neither the Cosmos SDK nor libp2p, so that both sides can import it. It reads
// no state and decides no policy; whether a signer may do a thing is for the
// caller, who knows the ledger.
//
// Everything is framed (group.Frame), begins with a domain and names the chain,
// so nothing signed for one purpose, chain, pool or deal counts for another.
// Integers are big-endian, 8 bytes; accounts are bech32 text. All types are
// plain values; all functions are safe for concurrent use.
package attest
