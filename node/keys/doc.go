// Package keys makes and opens what a node signs with: the secp256k1 key of its
// Panacea account and the ed25519 key of its libp2p identity.
//
// Both lie in the node's secrets, sealed under the storage key, so that one
// passphrase guards everything. While the node runs the account's key is held
// in a Cosmos keyring in memory; other Cosmos wallets hold the same account
// from the same mnemonic, at m/44'/371'/0'/0/0.
//
// Nothing here shows a key: the mnemonic leaves by [Mnemonic] only, which is
// for showing it to its owner.
package keys
