// Package scale measures how peers find each other as the network grows. Many real nodes of
// package discovery run in one process, over libp2p's simulated network with a latency, in
// the virtual time of testing/synctest: an hour of theirs takes minutes, and what takes them
// a second is a second on any machine. Some of them come and go, some are hostile.
//
// A Network (network.go) consists of nodes (node.go) and of hostile peers (hostile.go).
// lookup.go looks for members of pools and follows the way of each answer. `make scale` runs
// networks of several sizes and prints a table; docs/scale.md has one, and what follows from
// it. A network of a hundred nodes is among the ordinary tests.
package scale
