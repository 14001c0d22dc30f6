// Package client is the ledger as a node sees it: typed queries, transactions
// and a stream of what happened, in the words of package pdx.
//
// A Ledger turns those words into the chain's and back; a Backend brings the
// chain's words to a chain. Client is a Ledger over a Panacea endpoint, and
// clienttest has one over a chain in memory; both run the same contract suite.
//
// Queries and broadcasts go over gRPC; blocks, their events and simulations
// over CometBFT RPC. A Ledger trusts an answer as much as its endpoint. Answers
// are bounded in size and time, and what has no proper form is pdx.ErrCorrupt.
//
// Several endpoints may be given. Each question goes to the first that is well;
// one that is silent, behind, or caught in a lie is left for the next, for longer
// each time. Verified reads the chain by package light and trusts none: an answer
// is proven, and compared with what the same endpoint says without a proof.
//
// A transaction is simulated for its gas, signed with the account's next
// sequence, broadcast and awaited. It carries a timeout height, so that its
// outcome is certain: it is in a block, or, once that height has passed, it never
// will be (pdx.ErrUnavailable). Only when the caller's context ends first is the
// outcome unknown. Sequences are handed out locally and taken from the chain's
// own error when they disagree. Sending a message again is safe: the chain
// refuses what was done already, a pool by its key and an offer by its dataset,
// which costs nothing when the simulation sees it.
//
// Follow hands over a block once queries can see its state; it asks again and
// again, and keeps no subscription that could lose something.
//
// Amounts are umed, durations are exact to the second on chain, heights count
// from 1. A Ledger and a Client are safe for concurrent use.
package client
