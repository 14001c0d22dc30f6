// Package node puts a node together: configuration, home, libp2p host, chain
// client, stores, transfer, discovery and the three roles, and starts and stops
// them in order. It holds the adapters through which the packages meet and decides
// nothing about deals: that is the roles' work.
//
//	config.go, home.go      what a node is told and what it keeps
//	host.go                 the libp2p host, of package transport's connections
//	upload.go               how fast it sends, by the hour and live
//	people.go               which peer speaks for an account
//	blobs.go, fetch.go      the blob store and the wire, as the roles want them
//	gate.go                 who may pull what: payment meets transport here
//	validate.go             the validation protocol, both sides
//	follow.go               blocks wake roles
//	presence.go, talk.go    where the node plays a role it is announced and talks
//	standing.go             who may say what in a pool's topic, from the chain
//	reach.go                sellers reach buyers; validators' addresses stay right
//	trust.go                what the seller's reads are verified from
//	trust_metrics.go        how far that goes, for Prometheus
//	payout.go               what was earned is withdrawn
//	status.go               how the node is, for the local API
//	metrics_page.go         metrics for Prometheus
//	node.go, wire.go        wiring
//	parts.go, run.go        start and stop order
package node
