// Package app is a Panacea-compatible application: the modules of the mainnet
// that a data exchange meets, and the exchange's own module, x/datapool.
//
// It is what a development chain runs. It is not the mainnet binary: that one
// has more modules (mint, IBC, aol, did and others) and takes x/datapool in
// the same way this package does: all of it is in datapool.go. Minting is left out on purpose, so that the
// supply is constant and every umed can be accounted for.
//
// The wiring is explicit and is read in this order: globals (words of the
// chain), encoding, keepers, modules (and in which order they run), ante (who
// pays), genesis, upgrades, datapool (what the exchange adds to all of these),
// services and gRPC, concurrency, export.
//
// Linking this package sets the process's bech32 prefixes, coin type and bond
// denomination: they are globals of the SDK and must stand before the first
// address is written. Several Apps may live in one process; one App is driven
// by one CometBFT node and its queries are safe for concurrent use.
package app
