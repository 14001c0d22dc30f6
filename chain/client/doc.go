// Package client is the ledger as a node sees it: typed queries, transactions
// and a stream of what happened, in the words of package pdx.
//
// Queries and broadcasts go over gRPC; blocks, their events and simulations
// over CometBFT RPC. Nothing here trusts an answer more than its endpoint; the
// endpoint is meant to be the reader's own node.
//
// A transaction is signed with the account's next sequence, simulated for its
// gas, broadcast and awaited. It carries a timeout height, so that its outcome
// is certain: it is in a block, or, once that height has passed, it never will
// be. Sequences are handed out locally and taken from the chain's own error
// when they disagree. Sending a message again is always safe: the chain
// refuses a step that was made already (pdx.ErrWrongState), which costs no
// more than the simulation.
//
// Amounts are umed, durations are exact to the second on chain, heights count
// from 1. A Client is safe for concurrent use.
package client
