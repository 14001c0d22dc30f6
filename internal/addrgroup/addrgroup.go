// Package addrgroup groups addresses that likely belong to one customer, so that limits hold
// against peers that can change their address at no cost.
package addrgroup

import (
	"net/netip"

	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// Bits of a group: an IPv4 address, and the IPv6 network that providers give to one
// customer.
const (
	bits4 = 32
	bits6 = 56
)

// Of returns the group of a connection's remote address: the IPv4 address, or the
// IPv6 /56. A relayed connection belongs to the group of its relay. Addresses
// without an IP, and nil, share the zero Prefix.
func Of(remote ma.Multiaddr) netip.Prefix {
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
	bits := bits4
	if addr = addr.Unmap(); addr.Is6() {
		bits = bits6
	}
	return netip.PrefixFrom(addr, bits).Masked()
}
