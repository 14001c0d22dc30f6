// Package attest defines the bytes that chain and node must agree on before either accepts a
// proof or a signature: the contexts to which proofs are bound, the hash of a dataset's
// certificates, the parts and ranks of a draw, and the sign bytes of account bindings and
// signed acks.
//
// It imports neither the Cosmos SDK nor libp2p, so that both sides can import it. It reads no
// state and decides no policy: the caller, who knows the ledger, decides whether a signer may
// do something.
//
// All bytes are frames (group.Frame). The first frame is the domain, which names the
// purpose, and all but certificates' hashes name the chain, so that a signature or
// proof for one purpose, chain, pool or deal is never valid for another. Integers in
// frames are big-endian, 8 bytes; accounts are bech32 text. All types are plain values;
// all functions are safe for concurrent use.
package attest
