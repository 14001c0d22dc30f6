// Package book adds up what an account pays and receives on the chain: in all, by day, by month
// and by deal.
//
// It is told each block once and in order, with the movements of money that concern the account
// (chain/client.Movement). A block's movements and the height up to which blocks are on record are
// written in one transaction, so that a block that is handled twice, as after a crash, counts once. The
// sums are kept, not the movements: a list of days or deals reads as many rows as it shows.
//
// The figures are of an endpoint's word, like the events that they come from. They are for
// people, and nothing is decided by them.
package book
