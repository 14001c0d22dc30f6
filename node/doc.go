// Package node puts a node together: configuration, home, libp2p host, chain
// client, stores, transfer, discovery and the three roles, and starts and stops
// them in order. It holds the adapters through which the rooms meet and decides
// nothing about deals: that is the roles' work.
//
//	config.go, home.go      what a node is told and what it keeps
//	host.go                 Noise over TCP, QUIC where TCP fails
//	people.go               which peer speaks for an account
//	blobs.go, fetch.go      the blob store and the wire, as the roles want them
//	gate.go                 who may pull what: payment meets transport here
//	validate.go             the validation protocol, both sides
//	follow.go, presence.go  blocks wake roles; roles make the node present
//	payout.go               what was earned is withdrawn
//	status.go               how the node is, for the local API
//	node.go, run.go         wiring, and start and stop order
package node
