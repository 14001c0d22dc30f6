//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"

	"github.com/medibloc/pdx"
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
	if IPv6Supported() == nil {
		if err := h.Sysctl("net.ipv6.conf.all.forwarding", "1"); err != nil {
			return nil, err
		}
	}
	return &Router{Host: h, lab: l}, nil
}

// Join links a host to the router. The host gets the address at, which is its only one
// besides loopback, and sends all other traffic of its family to the router. Any address may
// be used: nothing leaves the lab. Multicast is not forwarded.
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
	if at.Is6() {
		w.B = pair6(len(r.lab.wires))
	}
	th, err := h.attach(w.A, w.B, link)
	if err != nil {
		return nil, err
	}
	tr, err := r.attach(w.B, w.A, link)
	if err != nil {
		return nil, errors.Join(err, th.Close())
	}
	w.ends = [2]end{{h, linkName(h.links - 1)}, {r.Host, linkName(r.links - 1)}}
	if err := w.routeAll(at); err != nil {
		return nil, errors.Join(fmt.Errorf("host %s: default route: %w", h.name, err), th.Close(), tr.Close())
	}
	r.lab.start(w, th, tr, link)
	return w, nil
}

// Also gives a host that joined the router by IPv4 an IPv6 address as well.
func (r *Router) Also(w *Wire, at netip.Addr) error {
	r.lab.mu.Lock()
	defer r.lab.mu.Unlock()
	i := slices.Index(r.lab.wires, w)
	if i < 0 || w.A.Is6() || !at.Is6() {
		return fmt.Errorf("address %s: %w: a link of IPv4 can have one of IPv6", at, pdx.ErrInvalid)
	}
	if err := w.readdress(netip.Addr{}, netip.Addr{}, at, pair6(i)); err != nil {
		return err
	}
	return w.routeAll(at)
}

// routeAll sends the first host's packets of the address's family over the link, and the
// router's for the address. In IPv4 the kernel does the latter by itself.
func (w *Wire) routeAll(at netip.Addr) error {
	everywhere := &net.IPNet{IP: make(net.IP, at.BitLen()/8), Mask: net.CIDRMask(0, at.BitLen())}
	err := w.ends[0].route(everywhere)
	if err == nil && at.Is6() {
		err = w.ends[1].route(single(at))
	}
	return err
}

// route sends packets for some addresses over the link. Doing so again does nothing.
func (e end) route(to *net.IPNet) error {
	device, err := e.host.handle.LinkByName(e.device)
	if err != nil {
		return err
	}
	return e.host.handle.RouteReplace(&netlink.Route{LinkIndex: device.Attrs().Index, Dst: to, Scope: netlink.SCOPE_LINK})
}

// Move gives a host that joined the router another address of the same family, as a provider
// does with dynamic addresses. Connections of the old address receive nothing more, and are
// not told.
func (r *Router) Move(h *Host, w *Wire, at netip.Addr) error {
	r.lab.mu.Lock()
	defer r.lab.mu.Unlock()
	if w.ends[0].host != h || w.A.Is4() != at.Is4() {
		return fmt.Errorf("host %s: move to %s: %w: it is not its link, or not its family", h.name, at, pdx.ErrInvalid)
	}
	if err := w.readdress(w.A, w.B, at, w.B); err != nil {
		return fmt.Errorf("host %s: move to %s: %w", h.name, at, err)
	}
	w.A = at
	if err := w.routeAll(at); err != nil {
		return fmt.Errorf("host %s: default route: %w", h.name, err)
	}
	return nil
}

// readdress replaces the addresses of the first and the second host; the zero address replaces
// none.
func (w *Wire) readdress(oldA, oldB, a, b netip.Addr) error {
	for _, c := range []struct {
		end                          end
		own, other, newOwn, newOther netip.Addr
	}{{w.ends[0], oldA, oldB, a, b}, {w.ends[1], oldB, oldA, b, a}} {
		device, err := c.end.host.handle.LinkByName(c.end.device)
		if err != nil {
			return err
		}
		if c.own.IsValid() {
			if err := c.end.host.handle.AddrDel(device, address(c.own, c.other)); err != nil {
				return fmt.Errorf("remove address %s: %w", c.own, err)
			}
		}
		if err := c.end.host.handle.AddrAdd(device, address(c.newOwn, c.newOther)); err != nil {
			return fmt.Errorf("address %s: %w", c.newOwn, err)
		}
	}
	return nil
}
