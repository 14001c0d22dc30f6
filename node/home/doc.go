// Package home creates, opens, backs up and restores the home of a node: the folder
// that holds its configuration, keys, database and blobs.
//
// An open Home is locked, so that one process at a time uses it. A backup holds what
// the node cannot get again from the chain or from peers, and lists the rest; package
// backup has its format.
package home
