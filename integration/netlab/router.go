//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Router is a host that forwards packets between the hosts that join it.
type Router struct {
	*Host
	lab *Lab
}

// Router adds a router.
func (l *Lab) Router(name string) (*Router, error) {
	h, err := l.Host(name)
	if err != nil {
		return nil, err
	}
	if err := h.Sysctl("net.ipv4.ip_forward", "1"); err != nil {
		return nil, err
	}
	return &Router{Host: h, lab: l}, nil
}

// Join links a host to the router. The host gets the address at, which is its only one
// besides loopback, and sends all other traffic to the router. Any IPv4 address may be
// used: nothing leaves the lab. Multicast is not forwarded.
func (r *Router) Join(h *Host, at netip.Addr, link Link) (*Wire, error) {
	link, err := link.withDefaults()
	if err != nil {
		return nil, err
	}
	r.lab.mu.Lock()
	defer r.lab.mu.Unlock()
	w := &Wire{A: at}
	if _, w.B, err = pair(len(r.lab.wires)); err != nil {
		return nil, err
	}
	th, err := h.attach(w.A, w.B, link)
	if err != nil {
		return nil, err
	}
	tr, err := r.attach(w.B, w.A, link)
	if err != nil {
		return nil, errors.Join(err, th.Close())
	}
	if err := h.routeAll(); err != nil {
		return nil, errors.Join(fmt.Errorf("host %s: default route: %w", h.name, err), th.Close(), tr.Close())
	}
	r.lab.start(w, th, tr, link)
	return w, nil
}

// routeAll sends packets for other addresses than the host's over its last link.
func (h *Host) routeAll() error {
	device, err := h.handle.LinkByName(linkName(h.links - 1))
	if err != nil {
		return err
	}
	everywhere := &net.IPNet{IP: net.IPv4zero, Mask: net.CIDRMask(0, 32)}
	return h.handle.RouteAdd(&netlink.Route{LinkIndex: device.Attrs().Index, Dst: everywhere, Scope: netlink.SCOPE_LINK})
}

// Move gives a host that joined the router another address, as a provider does with dynamic
// addresses. Connections of the old address receive nothing more, and are not told.
func (r *Router) Move(h *Host, w *Wire, at netip.Addr) error {
	r.lab.mu.Lock()
	defer r.lab.mu.Unlock()
	for _, end := range []struct {
		host            *Host
		own, other      netip.Addr
		newOwn, newPeer netip.Addr
	}{{h, w.A, w.B, at, w.B}, {r.Host, w.B, w.A, w.B, at}} {
		if err := end.host.readdress(end.own, end.other, end.newOwn, end.newPeer); err != nil {
			return fmt.Errorf("host %s: move to %s: %w", end.host.name, at, err)
		}
	}
	w.A = at
	if err := h.routeAll(); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("host %s: default route: %w", h.name, err)
	}
	return nil
}

// readdress replaces the address of a link and the address at its other end.
func (h *Host) readdress(own, other, newOwn, newOther netip.Addr) error {
	links, err := h.handle.LinkList()
	if err != nil {
		return err
	}
	for _, link := range links {
		old := netlink.Addr{IPNet: single(own), Peer: single(other)}
		if err := h.handle.AddrDel(link, &old); err != nil {
			continue // not that link
		}
		return h.handle.AddrAdd(link, &netlink.Addr{IPNet: single(newOwn), Peer: single(newOther)})
	}
	return fmt.Errorf("no link has the address %s", own)
}
