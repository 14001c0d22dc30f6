// Package activity records what is moved between this node and its peers: which transfers are in
// progress, how fast they are, and what limits their rate.
//
// It moves nothing itself and decides nothing: package transfer records here what it does, for
// people to see. All types are safe for concurrent use.
package activity
