package netdb

import (
	"net/netip"

	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// GroupOf returns the address group of a connection's remote address: the IPv4
// address, or the IPv6 /56, which is what one customer has. A relayed
// connection belongs to the group of its relay. Addresses without an IP share
// the zero Prefix.
func GroupOf(remote ma.Multiaddr) netip.Prefix {
	if remote == nil {
		return netip.Prefix{}
	}
	ip, err := manet.ToIP(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return netip.Prefix{}
	}
	bits := 32
	if addr = addr.Unmap(); addr.Is6() {
		bits = 56
	}
	return netip.PrefixFrom(addr, bits).Masked()
}

// groupKey is a group as it is stored.
func groupKey(group netip.Prefix) []byte {
	return group.Addr().AsSlice() // nil for the zero Prefix
}
