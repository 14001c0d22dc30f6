// Package multiconn makes a connection to a peer that consists of several.
//
// What one TCP connection can have under way is bounded by the kernels at its
// two ends: Linux lets 4 MiB wait unacknowledged in a sender unless an
// administrator says otherwise. At 200 ms that is 160 Mbit/s, whatever the path
// can do and however many streams share the connection. libp2p keeps one
// connection to a peer and offers no way to ask for a second. So Transport wraps
// the TCP transport, and that of QUIC, whose windows are bounded too: its
// connections are ordinary ones until somebody asks for more with Widen. Then
// the same transport dials the same peer again, with the same handshake, and the
// new connections serve as further lanes of the one that libp2p knows.
//
// The other side needs nothing of this: it sees several ordinary connections of
// one peer. A stream that it opens on any of them is accepted like all others. A
// stream that is opened here goes over the first connection, unless its context
// says otherwise (On).
//
// It is not a multipath protocol: a stream lives and dies with the lane that it
// was opened on. Each lane is accounted with the resource manager as the
// connection that it is, at both ends.
//
// A Conn is safe for concurrent use. It owns one goroutine for each lane, which
// ends with the lane.
package multiconn
