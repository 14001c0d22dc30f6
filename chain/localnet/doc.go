// Package localnet runs a Panacea-compatible chain inside this process, for
// development, demonstrations and tests.
//
// It is a real chain: CometBFT makes the blocks, package app runs the transactions, and it
// serves the same gRPC, RPC and REST services as the mainnet. It is not a network: it has
// one chain validator, keys without a passphrase, money from a faucet, and listeners on
// loopback. Nothing of value may be kept on it.
//
// Flow: Init writes a home once (genesis, keys, settings); New reads it; Start opens the
// listeners, starts the node and returns after the first block; Done is closed when the
// chain has ended; Stop ends it in order. A chain that was killed continues at the height
// it had reached.
//
// For a home on this machine, also from other processes, ReadEndpoints returns where its
// chain listens, Fund pays from its faucet, Govern makes its governance execute messages,
// Export writes the state of a stopped chain, and Reset takes it back to its genesis.
// Config.Before rehearses the upgrade that adds the exchange.
//
// The home:
//
//	localnet.json   settings; Init writes it last, so a home that has it is whole
//	endpoints.json  where the chain listens and its pid (0 after it stopped)
//	lock            held by a running Chain; faucet.lock by Fund and Govern
//	keyring-test/   the keys faucet and operator0, in the clear
//	node0/          the chain validator: config/ and data/ as CometBFT lays them out
//
// Amounts are in umed. Init, Export, Reset and a running Chain exclude each
// other by a lock on the home, between processes too. A Chain's methods are
// safe for concurrent use; a Chain is started once.
package localnet
