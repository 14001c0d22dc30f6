// Package adversary has peers that are not to be trusted, for tests: real libp2p
// hosts with keys of their own, which speak the product's protocols as far as it
// serves them and lie where that might.
//
// A Peer speaks for whatever account its test gives it. An Impostor answers and
// opens greetings with bindings that its Forge makes, in place of its own. A
// Party has an account with money, takes part in deals, and cheats: it certifies
// what it has not seen, sells what does not open, and forces messages into blocks
// that the chain refuses.
//
// A Liar is a chain's endpoint that changes what it passes on, and listens for
// keys that leave a node.
//
// Everything ends with the test. Peers may be used by several goroutines.
package adversary
