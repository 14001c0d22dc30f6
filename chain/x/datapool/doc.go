// Package datapool is the Cosmos SDK module panacea.datapool.v3: the exchange's
// ledger. A buyer opens a pool with the money in escrow, sellers offer sealed
// datasets, validators certify them, the buyer acknowledges the ciphertext and
// the seller delivers the key with a proof that the chain verifies; key and
// payment change hands in one transaction, or not at all.
//
// This package wires the module into an app by hand, without a framework. The app must give
// it a store under types.StoreKey and a module account named datapool without permissions,
// and must run its genesis after that of x/bank; the end blocker may run in any order. The
// state and its rules are in package keeper, messages and what a client must know in
// package types.
//
// It sees heights, block times, addresses and bytes; never data, never a key in
// the clear and never a hash of plaintext.
package datapool
