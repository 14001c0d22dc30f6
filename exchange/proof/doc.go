// Package proof makes and checks the exchange's proofs: sigma protocols for
// linear relations over ristretto255, made non-interactive by Fiat-Shamir.
//
// One engine proves and verifies every relation. A relation is data (relation.go): its
// elements, the number of its witnesses, which are secret scalars, and the equations
// that must hold between them. The four relations, with the length of their proofs, are
//
//	pop-v1      X = x·g                                   64 bytes
//	dleq-v1     X = x·g; Y = x·H                          64 bytes
//	deliver-v1  S = s·g; D1 = r·g; D2 = s·H + r·B         96 bytes
//	open-v1     B = b·g; D2 − M = b·D1                    64 bytes
//
// The letters are those of package group; X and Y are any elements. A proof is c ‖ z_0
// ‖ z_1 …: the challenge and a response for each witness in order, 32 bytes each. The
// challenge is a hash of the suite, the relation's name and program (its equations in
// bytes), a context of 32 bytes, every element and every commitment. The context, a
// parameter named ctx, comes from exchange/attest and names chain and purpose, so that
// a proof is valid for one purpose on one chain only.
//
// Derived elements (H, H_j, batched sums) are computed here from S and the dataset's
// nonce and never taken from a message. A statement that contains the identity is
// refused.
//
// The package does not say who must prove what to whom, and when: docs/spec/exchange.md
// does. Verification is deterministic, which consensus needs, and takes about 0.2 ms on
// one core (BenchmarkProofs in integration/bench). Proving takes a time that does not
// depend on its secrets, derives its nonces from the witnesses as well as from
// randomness, and returns no proof that does not verify. All functions are safe for
// concurrent use.
package proof
