package scale

import "time"

// Options describe a network. All shares are of one.
type Options struct {
	// Nodes is how many nodes are on line at any time, hostile ones included.
	Nodes int
	// Servers is the share of honest nodes that serve the DHT: the others are behind NAT.
	Servers float64
	// Hostile is the share of nodes that are hostile; all of them serve the DHT.
	Hostile float64
	// Churn is the share of honest nodes that leave for good within an hour. As many come.
	Churn float64
	// Settle is how long the network runs after the last node came and before the first
	// lookup, with churn.
	Settle time.Duration
	// Lookups is how many searches are made.
	Lookups int
	// Latency is of each direction between any two nodes.
	Latency time.Duration
	// Seed decides who is what, leaves when, and looks for what.
	Seed uint64
}

// Defaults returns the options of a network of n nodes as docs/scale.md reports them.
func Defaults(n int) Options {
	return Options{
		Nodes: n, Servers: 0.6, Hostile: 0.2, Churn: 0.3, Settle: 30 * time.Minute, Lookups: 100,
		Latency: 50 * time.Millisecond, Seed: 1,
	}
}

const (
	chainID = "scale-1"
	// validators are the first honest nodes, which the chain names to everybody.
	validators = 3
	// nodesPerPool gives 1,000 nodes 200 pools.
	nodesPerPool = 5
	// joinPause is between two nodes that come when the network begins.
	joinPause = time.Second
	// fewConns and manyConns bound the connections of a node: above the second, idle ones are
	// cut until the first is left.
	fewConns, manyConns = 20, 30
)
