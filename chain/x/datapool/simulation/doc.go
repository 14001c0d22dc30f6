// Package simulation drives the data pool module at random in the SDK's
// simulation framework: a random genesis, an operation for every message, a
// decoder for its store, and the module's invariants after each operation.
//
// Operations take the state as they find it, choose a message that fits it or
// nearly so, and deliver it as a signed transaction. What the module refuses by
// an error of its own is no failure; a broken invariant, a foreign error or a
// panic is. Keys and proofs are real: the accounts' secrets live in the Module,
// beside the chain, as they would with nodes.
//
// Some validators are honest: in every block, empty ones too, they give a true verdict on what
// they are drawn for. A run fails if one of them is ever jailed or blamed.
//
// Everything random comes from the framework's generator but what proofs draw
// from crypto/rand, which a test that wants equal runs makes deterministic.
//
// A Module serves one simulation at a time. It is for tests: no binary links it.
package simulation
