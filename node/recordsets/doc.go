// Package recordsets has what a node keeps of the record sets of open pools: which of them
// are here, how much room they may take, and to whom they are served. A validator adds those
// that it makes and compares with. The Keeper adds those of its own account's pools: the buyer
// is a party to every deal and stays, so that a pool goes on when the validators that certified
// a dataset have lost its set.
//
// The sets are sealed under the pool's tag key and fetched by their content id, so whoever
// keeps them can neither change nor needs to read them. docs/spec/duplicates.md describes them.
package recordsets
