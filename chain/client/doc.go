// Package client is the ledger as a node sees it: typed queries, transactions and a stream
// of blocks with their events, in the types of package pdx.
//
// A Ledger converts between package pdx's types and the chain's messages; a Backend sends
// those messages to a chain. Client is a Ledger over Panacea endpoints, and clienttest has one
// over a chain in memory; both pass the same contract suite.
//
// Queries and broadcasts go over gRPC; blocks, their events and simulations over CometBFT
// RPC. A Ledger does not verify answers, but bounds their size and time.
//
// With several endpoints, each query goes to the first healthy one. An endpoint that is
// silent, is behind the others, or gave an answer that was proven false is avoided, for
// longer each time. Verified reads the chain by package light and trusts no endpoint: an
// answer is proven, and compared with the same endpoint's answer without a proof.
//
// A transaction is simulated for its gas, signed with the account's next
// sequence, broadcast and awaited. It carries a timeout height, so that its
// outcome is certain: it is in a block, or, once that height has passed, it never will be
// (pdx.ErrUnavailable). The outcome is unknown only if the caller's context ends first.
// Sequences are assigned locally and corrected from the chain's own error. Sending a message
// again is safe: the chain refuses duplicates, a pool by its key and an offer by its dataset,
// without cost if the simulation detects it.
//
// Follow delivers a block once queries can see its state. It polls, since a subscription
// could lose blocks.
//
// Errors wrap the sentinels of package pdx. If the chain refuses a message, the error is a
// *Refusal with the chain's code and text, which wraps ErrInvalid, ErrRefused, ErrNotFound,
// ErrWrongState or ErrNoFunds by the table of docs/spec/datapool.md; ErrUnavailable means
// that no endpoint answered or that the transaction got into no block, and ErrCorrupt that
// an answer is malformed.
//
// Amounts are umed, durations are exact to the second on chain, heights count
// from 1. A Ledger and a Client are safe for concurrent use.
package client
