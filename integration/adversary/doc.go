// Package adversary has hostile peers for tests: real libp2p hosts with keys of their own,
// which speak the product's protocols and break their rules where that could harm somebody.
//
// A Peer speaks for the account that its test gives it. An Impostor sends forged bindings,
// made by its Forge, in the handshake by which nodes prove their accounts
// (discovery/identity). A Party has an account with money, takes part in deals, and cheats:
// it certifies what it has not seen, sells what does not open, and brings messages into
// blocks that the chain refuses.
//
// A Liar is an endpoint of the chain that changes what it forwards, and records whether a
// key leaves a node.
//
// Everything ends with the test. Peers may be used by several goroutines.
package adversary
