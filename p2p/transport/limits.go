package transport

import (
	"github.com/libp2p/go-libp2p"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"

	"github.com/medibloc/pdx/p2p/multiconn"
)

// What all, one peer, and one address may take of this node's connections. The
// rest is libp2p's own, scaled to the machine.
const (
	// allConns one way, at rest about 60 KiB each: far more than the connection
	// manager keeps in the end, so that it chooses who goes. A limiter chooses
	// badly: it turns away whoever comes last, and libp2p's own (64, and 64 more
	// for each GiB of an eighth of the memory) is full when a few hundred peers
	// connect and do nothing.
	allConns = 2048 // Limits.Connections changes it
	// peerConns one way: multiconn.MaxConns carry a pull, and a second address that is
	// dialled at the same time may win.
	peerConns = multiconn.MaxConns + 2
	// allPeerConns: two nodes may pull from each other at once.
	allPeerConns = 2 * peerConns
	// peerMemory is what eight streams on each connection may have in their windows. What
	// a peer does not use is not taken.
	peerMemory = multiconn.MaxConns * 8 * streamWindow
	// addressConns lets eight nodes behind one IPv4 address, or in one IPv6 /56,
	// have all their connections; a /48 has four times that.
	addressConns = 8 * multiconn.MaxConns
)

// Limits bound the connections of a host.
type Limits struct {
	Connections int // one way, from and to all peers
	PerAddress  int // from one IPv4 address, or one IPv6 /56; a /48 has four times that
}

// DefaultLimits are those of a node.
func DefaultLimits() Limits { return Limits{Connections: allConns, PerAddress: addressConns} }

// apply gives the host its resource manager.
func (l Limits) apply(cfg *libp2p.Config) error {
	limits := rcmgr.DefaultLimits
	libp2p.SetDefaultServiceLimits(&limits)
	all := &limits.SystemBaseLimit
	all.ConnsInbound, all.ConnsOutbound, all.Conns, all.FD = l.Connections, l.Connections, 2*l.Connections, 2*l.Connections
	more := &limits.SystemLimitIncrease // for each GiB of memory
	more.ConnsInbound, more.ConnsOutbound, more.Conns, more.FDFraction = 0, 0, 0, 0
	peer := &limits.PeerBaseLimit
	peer.ConnsInbound, peer.ConnsOutbound, peer.Conns, peer.FD = peerConns, peerConns, allPeerConns, allPeerConns
	peer.Memory = max(peer.Memory, peerMemory)
	manager, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits.AutoScale()),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: l.PerAddress}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 56, ConnCount: l.PerAddress}, {PrefixLength: 48, ConnCount: 4 * l.PerAddress}},
		))
	if err != nil {
		return err
	}
	return cfg.Apply(libp2p.ResourceManager(manager))
}
