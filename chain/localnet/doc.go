// Package localnet runs a Panacea-compatible chain inside this process, for
// development, demonstrations and tests.
//
// It is a real chain: CometBFT makes the blocks, package app runs the
// transactions, and the same gRPC, RPC and REST services as on the mainnet answer.
// It is not a network: one chain validator, keys without a passphrase, money
// from a faucet, and listeners on loopback. Nothing of value may live on it.
//
// Flow: Init writes a home once (genesis, keys, settings); New reads it; Start
// opens the listeners, starts the node and returns after the first block; Done
// is closed when the chain ended; Stop ends it in good order. A chain that was
// killed continues at the height it had reached. Endpoints tells scripts and
// other processes where the chain of a home listens, Fund pays from its
// faucet, Govern has its governance execute messages, Export reads the state of
// a stopped chain, Reset takes it back to its genesis. Config.Before rehearses
// the upgrade that brings the exchange.
//
// The home:
//
//	localnet.json   settings; written last by Init, so its presence means whole
//	endpoints.json  where the chain listens and its pid (0 when stopped)
//	lock, faucet.lock
//	keyring-test/   the keys faucet and operator0, in the clear
//	node0/          the chain validator: config/ and data/ as CometBFT lays them out
//
// Amounts are in umed. Init, Export, Reset and a running Chain exclude each
// other by a lock on the home, between processes too. A Chain's methods are
// safe for concurrent use; a Chain is started once.
package localnet
