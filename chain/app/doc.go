// Package app is a Panacea-compatible application: the modules of the mainnet
// that a data exchange meets, and the exchange's own module, x/datapool.
//
// It is what a development chain runs. It is not the mainnet's binary, which has more
// modules (mint, IBC, aol, did and others); a Panacea binary adds x/datapool as datapool.go
// does here. Minting is left out on purpose, so that the supply is constant and every umed
// can be accounted for.
//
// The wiring is explicit. Read the files in this order: globals (names and numbers of the
// chain), encoding, keepers, modules (and the order in which they run), ante (fees and
// signatures), genesis, upgrades, datapool (what the exchange adds to all of these),
// services and grpc, concurrency, export.
//
// Linking this package sets the process's bech32 prefixes, coin type and bond denomination:
// they are globals of the SDK and must be set before the first address is written. Several
// Apps may exist in one process. One CometBFT node drives an App; its queries are safe for
// concurrent use.
package app
