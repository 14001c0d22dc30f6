package discovery

import (
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// An addressPolicy decides which addresses are announced, accepted and dialled.
type addressPolicy struct{ local bool }

// keep returns the allowed part of addrs, in order, at most maxPeerAddrs of them.
func (p addressPolicy) keep(addrs []ma.Multiaddr) []ma.Multiaddr {
	kept := make([]ma.Multiaddr, 0, min(len(addrs), maxPeerAddrs))
	for _, a := range addrs {
		if len(kept) == maxPeerAddrs {
			break
		}
		if a != nil && p.allows(a) {
			kept = append(kept, a)
		}
	}
	return kept
}

// allows accepts public addresses, by IP or name, direct or through a public relay.
func (p addressPolicy) allows(a ma.Multiaddr) bool {
	return p.local || manet.IsPublicAddr(a)
}

// direct reports whether one of addrs is allowed and needs no relay: what a peer
// of the routing table must have.
func (p addressPolicy) direct(addrs []ma.Multiaddr) bool {
	for _, a := range addrs {
		if a == nil || !p.allows(a) {
			continue
		}
		if _, err := a.ValueForProtocol(ma.P_CIRCUIT); err != nil {
			return true
		}
	}
	return false
}

// filters returns the policy in the DHT's terms. On open networks the routing table
// also bounds how many peers of one address group it takes, so that no single
// operator can surround a node.
func (p addressPolicy) filters(h host.Host) []dht.Option {
	options := []dht.Option{
		dht.AddressFilter(p.keep),
		dht.QueryFilter(func(_ any, ai peer.AddrInfo) bool { return p.direct(ai.Addrs) }),
		dht.RoutingTableFilter(func(_ any, id peer.ID) bool { return p.direct(h.Peerstore().Addrs(id)) }),
	}
	if !p.local {
		options = append(options, dht.RoutingTablePeerDiversityFilter(
			dht.NewRTPeerDiversityFilter(h, maxGroupPerBucket, maxGroupInTable)))
	}
	return options
}
