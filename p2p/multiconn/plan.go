package multiconn

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// Streams is the number of streams that a pull opens on each connection. While one
	// of them waits for an answer or for the other side's disk, others carry data, and
	// a seller that seals again for each pull does so on several cores. The window of a
	// new yamux stream is 256 KiB and doubles as the stream is read, so that four
	// streams have 1 MiB in flight from the second round trip on.
	Streams = 4

	// GuessRate is the rate in bytes per second, 1 Gbit/s, that is assumed for a path
	// that has not been measured. A connection that turns out not to be needed costs
	// only a handshake.
	GuessRate = 1e9 / 8

	// window is the number of bytes that one connection can have in flight in any case.
	// A Linux sender keeps at most net.ipv4.tcp_wmem[2], 4 MiB, unacknowledged in TCP,
	// of which headers and the rounding of buffers take up to half. (A yamux stream may
	// have more under way: it comes second.) quic-go would let a connection have 12
	// MiB, but its congestion control cuts that down with each packet lost: 1 GiB over
	// 63 ms came at 0.6 of 1 Gbit/s on one, at 0.9 on four. So a path of rate·RTT bytes
	// needs rate·RTT/window connections: at 1 Gbit/s 4 for 63 ms, and all 8 from 120 ms
	// on.
	window = 2 << 20
)

// Connections returns the number of connections, from 1 to MaxConns, that fill a path
// with a rate in bytes per second and a round-trip time.
func Connections(rate float64, rtt time.Duration) int {
	return int(min(rate*rtt.Seconds()/window+1, MaxConns))
}

// Direct returns a connection to a peer that can be widened, if there is one: a
// connection of a Transport that does not go through a relay with limits.
func Direct(n network.Network, to peer.ID) (*Conn, bool) {
	for _, c := range n.ConnsToPeer(to) {
		var w *Conn
		if !c.Stat().Limited && c.As(&w) {
			return w, true
		}
	}
	return nil, false
}
