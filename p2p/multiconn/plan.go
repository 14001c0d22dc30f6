package multiconn

import (
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// Streams is how many streams fill each connection of those that carry a pull:
	// while one waits, for a status or its holder's disk, others are read, and a
	// holder that seals anew does so on several cores. A new stream of yamux may have
	// 256 KiB under way and doubles that as it is read: four let a connection have 1
	// MiB from its second round trip on.
	Streams = 4

	// GuessRate is the rate in bytes a second that a path is taken to have before
	// it was measured: 1 Gbit/s. A connection that turns out not to be needed
	// costs a handshake.
	GuessRate = 1e9 / 8

	// window is what one connection surely has under way, in bytes. A Linux sender
	// keeps at most net.ipv4.tcp_wmem[2], 4 MiB, unacknowledged in TCP, of which
	// headers and the rounding of buffers take up to half. (A yamux stream may have more
	// under way: it comes second.) quic-go would let a connection have 12 MiB, but its
	// congestion control cuts that down with each packet lost: 1 GiB over 63 ms came at
	// 0.6 of 1 Gbit/s on one, at 0.9 on four. So a path of rate·RTT bytes needs
	// rate·RTT/window connections: at 1 Gbit/s 4 for 63 ms, and all 8 from 120 ms on.
	window = 2 << 20
)

// Connections returns how many connections fill a path of that rate, in bytes a second,
// and round-trip time: at most MaxConns.
func Connections(rate float64, rtt time.Duration) int {
	return int(min(rate*rtt.Seconds()/window+1, MaxConns))
}

// Direct returns the connection to a peer that can be widened, if there is one: no relay
// bounds it.
func Direct(n network.Network, to peer.ID) (*Conn, bool) {
	for _, c := range n.ConnsToPeer(to) {
		var w *Conn
		if !c.Stat().Limited && c.As(&w) {
			return w, true
		}
	}
	return nil, false
}
