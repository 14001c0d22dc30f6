package host

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// Interfaces returns the addresses of this machine, sorted, without those that are valid on one
// link only; none if they cannot be read.
func Interfaces() (all []netip.Addr) {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range found {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && !ip.IsLinkLocalUnicast() {
				all = append(all, ip.Unmap())
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return all
}

const (
	// libp2pReads is the interval at which libp2p reads the addresses of the interfaces, and some
	// time until it uses them.
	libp2pReads = 70 * time.Second
	// interfacesEvery is how long what fresh read is used.
	interfacesEvery = time.Second
)

// fresh corrects the addresses that libp2p announces, which reads those of the interfaces once a
// minute only: addresses that are gone go at once, and new ones come.
type fresh struct {
	read func() []netip.Addr
	now  func() time.Time

	mu     sync.Mutex // guards the rest
	listen func() []multiaddr.Multiaddr
	last   time.Time // when the interfaces were read
	there  []netip.Addr
	since  map[netip.Addr]time.Time // addresses that came after the first time, for libp2pReads
	gone   map[netip.Addr]time.Time // addresses that went, for libp2pReads
}

func newFresh(read func() []netip.Addr, now func() time.Time) *fresh {
	return &fresh{read: read, now: now, since: map[netip.Addr]time.Time{}, gone: map[netip.Addr]time.Time{}}
}

// follow begins with a host's listen addresses; before, nothing is corrected.
func (f *fresh) follow(h host.Host) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listen = h.Network().ListenAddresses
}

// factory is libp2p's AddrsFactory.
func (f *fresh) factory(addrs []multiaddr.Multiaddr) []multiaddr.Multiaddr {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listen == nil {
		return addrs
	}
	f.reload()
	addrs = slices.DeleteFunc(addrs, func(a multiaddr.Multiaddr) bool {
		ip, ok := ipOf(a)
		return ok && !f.gone[ip].IsZero()
	})
	for ip := range f.since {
		if slices.ContainsFunc(addrs, func(a multiaddr.Multiaddr) bool { at, ok := ipOf(a); return ok && at == ip }) {
			continue // libp2p has read it
		}
		if component, err := manet.FromIP(ip.AsSlice()); err == nil {
			// An error means that this host does not listen on addresses of this family.
			resolved, _ := manet.ResolveUnspecifiedAddresses(f.listen(), []multiaddr.Multiaddr{component})
			for _, a := range resolved {
				if at, ok := ipOf(a); ok && at == ip {
					addrs = append(addrs, a)
				}
			}
		}
	}
	return addrs
}

// reload reads the interfaces and notes what came and went.
func (f *fresh) reload() {
	now := f.now()
	if now.Sub(f.last) < interfacesEvery {
		return
	}
	first := f.last.IsZero()
	before := f.there
	f.last, f.there = now, f.read()
	for _, changes := range []map[netip.Addr]time.Time{f.since, f.gone} {
		for ip, at := range changes {
			if now.Sub(at) > libp2pReads {
				delete(changes, ip)
			}
		}
	}
	if first {
		return
	}
	for _, ip := range f.there {
		if !slices.Contains(before, ip) {
			f.since[ip] = now
			delete(f.gone, ip)
		}
	}
	for _, ip := range before {
		if !slices.Contains(f.there, ip) {
			f.gone[ip] = now
			delete(f.since, ip)
		}
	}
}

// ipOf returns the IP address of an address that is this host's own: not that of a relay.
func ipOf(a multiaddr.Multiaddr) (netip.Addr, bool) {
	if _, err := a.ValueForProtocol(multiaddr.P_CIRCUIT); err == nil {
		return netip.Addr{}, false
	}
	ip, err := manet.ToIP(a)
	if err != nil {
		return netip.Addr{}, false
	}
	at, ok := netip.AddrFromSlice(ip)
	return at.Unmap(), ok
}
