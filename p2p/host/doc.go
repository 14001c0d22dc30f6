// Package host creates a node's libp2p host: connections of package transport, limits
// on their number, ports that survive a restart, and a reachability that AutoNAT v2
// measures.
package host
