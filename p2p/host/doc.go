// Package host creates a node's libp2p host: it uses the transports of package
// p2p/transport, limits the number of connections, keeps its ports over restarts, and
// has AutoNAT v2 find out whether it is publicly reachable. Its NewStream returns the
// errors of package p2p/version.
package host
