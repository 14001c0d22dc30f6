//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
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

// Join links a host to the router. The host has the address at, which is its
// only one beside loopback; whatever is elsewhere it sends to the router. Any
// IPv4 address will do: nothing leaves the lab. Multicast is not forwarded.
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
