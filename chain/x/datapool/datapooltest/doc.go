// Package datapooltest runs the data pool module without a chain: its keeper
// over a store and a bank in memory, with a height and a clock that a test
// moves, and makers of messages whose keys and proofs are real.
//
// A Chain stands in a block. Exec runs a message in it as a transaction would,
// all or nothing; NextBlock runs the end blocker and opens the next block. There
// are no signatures, no fees and no sequence numbers.
//
// A Market is a chain with a buyer, a seller and validators, and takes deals to
// any state by the way that real ones go.
//
// A Chain is safe for concurrent use; a Market is not.
package datapooltest
