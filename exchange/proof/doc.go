// Package proof makes and checks the exchange's proofs: sigma protocols for
// linear relations over ristretto255, made non-interactive by Fiat-Shamir.
//
// There is one engine. A relation is data (relation.go): which elements it
// speaks of, how many witnesses, and which equations must hold. The engine
// proves and verifies any of them; the four relations in use are
//
//	pop-v1      X = x·g                                   64 bytes
//	dleq-v1     X = x·g; Y = x·H                          64 bytes
//	deliver-v1  S = s·g; D1 = r·g; D2 = s·H + r·B         96 bytes
//	open-v1     B = b·g; D2 − M = b·D1                    64 bytes
//
// A proof is c ‖ z_0 ‖ z_1 …, 32 bytes each, in the order of the witnesses. The
// challenge binds the suite, the relation with its whole program, a context of
// 32 bytes (exchange/attest makes them), every element and every commitment; a
// proof therefore is valid for one purpose on one chain only.
//
// Derived elements (H, H_j, batched sums) are computed here from S and the
// dataset's nonce and never taken from a message. No statement holds the
// identity.
//
// It is not a protocol: who must show what to whom, and when, is elsewhere.
// Verification is deterministic, takes about 0.2 ms, and is safe in consensus.
// Proving is constant-time in its secrets, hedges its nonces, and emits nothing
// that does not verify. All functions are safe for concurrent use.
package proof
