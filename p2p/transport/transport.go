package transport

import (
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx/p2p/multiconn"
)

// Options returns libp2p options with the transports of a node's host, the limits on
// what peers may use of it (connections, memory, addresses), and the order of dialling,
// TCP before QUIC. QUIC is included if quic is set.
func Options(quic bool) []libp2p.Option { return OptionsWith(quic, DefaultLimits()) }

// OptionsWith is Options with other limits of connections.
func OptionsWith(quic bool, limits Limits) []libp2p.Option {
	options := []libp2p.Option{
		limits.apply,
		addressBook,
		libp2p.Transport(multiconn.NewTCP),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, muxer()),
		libp2p.SwarmOpts(swarm.WithDialRanker(tcpFirst)),
	}
	if quic {
		options = append(options, libp2p.Transport(multiconn.NewQUIC))
	}
	return options
}

// quicDelay is longer than a TCP handshake over a slow path takes; a TCP dial
// that fails earlier lets QUIC go at once.
const quicDelay = 5 * time.Second

// tcpFirst dials TCP at once, and QUIC and WebSocket only where TCP does not connect.
func tcpFirst(addrs []multiaddr.Multiaddr) []network.AddrDelay {
	ranked := make([]network.AddrDelay, 0, len(addrs))
	for _, a := range addrs {
		delay := time.Duration(0)
		for _, later := range []int{multiaddr.P_QUIC_V1, multiaddr.P_WS, multiaddr.P_WSS} {
			if _, err := a.ValueForProtocol(later); err == nil {
				delay = quicDelay
			}
		}
		ranked = append(ranked, network.AddrDelay{Addr: a, Delay: delay})
	}
	return ranked
}
