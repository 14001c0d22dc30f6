// Package types holds the messages, state and rules of the data pool module
// that need no store: what a client must know to speak to it.
//
// The generated code is the wire and the state; beside it stand the stateless
// checks of every message (one file per message), the parameters, the limits
// with their derivation, the registered errors with the table that turns each
// into a pdx sentinel, and the genesis state with the rules that it and every
// later state must keep.
//
// What needs state, a chain id or a clock is in package keeper.
//
// Units: amounts are umed, sizes are bytes of ciphertext, commissions are basis
// points, deadlines are durations until the keeper turns them into a height and
// a time. All values are plain; nothing here is safe for concurrent writes.
package types
