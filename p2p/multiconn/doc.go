// Package multiconn combines several connections to a peer into one.
//
// The kernels at both ends bound the data in flight on one TCP connection: Linux lets a
// sender have 4 MiB unacknowledged by default. With a round-trip time of 200 ms that is
// 160 Mbit/s, whatever the capacity of the path and however many streams share the
// connection. QUIC bounds them too. libp2p keeps one connection to a peer and has no
// way to request a second. A Transport therefore wraps the TCP or QUIC transport. Its
// connections are ordinary ones until Conn.Widen is called, which dials the same peer
// again over the same transport, with the same handshake. The new connections then
// carry streams of the one that libp2p knows.
//
// The other side needs no support for this: it sees several ordinary connections from
// one peer, and may open streams on any of them. A stream that this side opens uses the
// first connection unless its context names another (On).
//
// This is not a multipath protocol: a stream ends with the connection on which it was
// opened. libp2p's resource managers at both ends count each connection separately.
//
// A Conn is safe for concurrent use. It has one goroutine for each connection, which
// ends with the connection.
package multiconn
