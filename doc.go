// Package pdx holds the words of the Panacea data exchange as types, and is the
// map of the house.
//
// A buyer opens a pool on chain: which data, by which criteria, how many, at
// what price; the money is in escrow. A seller keeps data on its own machine,
// seals the fields it discloses into a dataset and offers it. Validators
// certify it. The buyer pulls the ciphertext straight from the seller,
// acknowledges it, and the seller delivers the key on chain with a proof: key
// and payment change hands in one transaction, or not at all.
//
// The rooms, from the ground up; arrows point down only:
//
//	transfer/group       the ristretto255 suite: elements, scalars, hashes
//	transfer/content     BLAKE3 tree, ranges, slices
//	transfer/content/folder  a folder of files as one stream
//	transfer/proof       linear-relation proofs
//	transfer/seal        dataset keys, sealing and opening of streams
//	transfer/blob        stores of blobs: the contract, fs, mem, and their suite
//	transfer             the wire protocol that moves blobs
//	transfer/wide        a connection to a peer that consists of several
//	transfer/path        round trip and rate of the way to a peer
//	chain/attest         sign bytes and contexts that chain and node share
//	discovery            who is in a pool, by a DHT
//	discovery/binding    an account's statement that a peer speaks for it
//	discovery/hello      the handshake that proves it
//	discovery/netdb      what is kept of the network, on disk and capped
//	discovery/topic      the talk of a pool
//	chain/x/datapool     the Cosmos-SDK module
//	chain/client         the ledger as a node sees it
//	chain/client/light   what a chain holds, proven
//	chain/app            a Panacea-compatible chain
//	chain/localnet       that chain in one process, for development
//	node/criteria        what data a pool wants
//	node/validation      the wire protocol by which a validator is asked
//	node/voucher         the wire protocol by which an ack is handed over off chain
//	node/{seller,validator,buyer}  the three roles
//	node/store           what a node must remember
//	node/keys            what a node signs with
//	node/transport       what its connections are made of
//	node/api             the local API
//	node/web             the marketplace page
//	node                 wiring
//	node/adopt           a role compares its deals with the chain
//	node/backup          a home in one encrypted file
//	node/sample          synthetic health records
//	internal/{durable,keylock}  files that survive a power cut; a lock for each key
//	node/fleet           a chain and nodes as processes of one folder
//	cmd/pdx              daemon and command line
//	cmd/pdx-localnet     the development chain as a program
//	integration          tests of the whole market
//	integration/bench    what things cost, as ratios within one run
//
// What goes over wires and onto the chain is specified in docs/spec, for people
// who write another implementation.
//
// This package imports the standard library only. All its types are plain
// values; nothing in it is safe or unsafe for concurrent use by itself.
package pdx
