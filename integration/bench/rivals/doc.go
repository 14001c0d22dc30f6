// Command rivals moves the bytes of a file by bitswap, for the comparisons of
// ../transfer, which starts it. It is a module of its own so that the product does not
// depend on what it is compared with.
//
//	rivals serve ADDRESS FILE LIST        serves FILE; writes the CIDs of its blocks to LIST
//	rivals pull ADDRESS PEER LIST FILE SIZE
//
// It speaks to its parent as the roles of ../transfer do: a JSON value when it is
// ready and one when it is done.
//
// Both ends have it easier than a real bitswap node: blocks lie in one file with
// an index in memory instead of a data store, and the puller knows all CIDs instead of finding them
// level by level. What is measured is the protocol, not its surroundings.
package main
