// Package adopt compares what a role of this node knows of its account with what
// the chain has. A role forgets a deal when its database was lost, rolled back
// with an old backup, or made anew from the account's mnemonic; the chain does not.
//
// A [Runner] repeats a role's comparison until it has succeeded once, and again
// when it is asked to. [Deals] reads an account's deals page by page, from the
// first that had not ended when they were last read, so that history is not read
// at every start.
//
// The package decides nothing about a deal: a role adopts what it can go on with
// and shows the rest.
package adopt
