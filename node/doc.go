// Package node is the composition root of a node: it wires the chain client, the
// libp2p host, stores, transfer, discovery and the three roles together, starts them
// in order and stops them in reverse. It holds the adapters through which these
// packages meet, and makes no decisions about deals; those are the roles'.
//
//	node.go, wire.go        wiring
//	run.go                  start and stop
//	blobs.go, fetch.go      the blob store and the wire, as the roles want them
//	authorizer.go           who may pull what: payment meets transport here
//	validate.go             the validation protocol, both sides
//	signed_acks.go          acks off chain, both sides
//	documents.go            criteria and schemas of others, as a cache
//	follow.go               new blocks wake the roles
//	dial_buyers.go          sellers connect to their buyers
//	contact.go              keeps a validator's addresses on chain up to date
//	trust.go                verified reads for the seller
//	payout.go               withdraws what was earned
//	damage.go               what becomes of damaged rows of the database
//	status.go               the state of the node, for the local API
//	figures.go              the same, for the metrics
//
// Configuration, the home, the libp2p host, the peers of accounts, the node's presence in
// pools, health and metrics are packages of their own: node/config, node/home, p2p/host,
// node/peers, node/presence, node/health, node/doctor, node/metrics.
package node
