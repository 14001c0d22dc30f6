//go:build linux

package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/medibloc/pdx"
)

// A Link describes a link; both directions are alike.
type Link struct {
	// RTT is the round trip; each direction takes half of it.
	RTT time.Duration
	// Rate is in bits a second; 0 is as fast as the machine can.
	Rate uint64
	// Loss is the share of packets that vanish, 0 to 1.
	Loss float64
	// MTU is the largest packet in bytes; 0 is 1500.
	MTU int
	// Buffer is how many bytes wait at the sender for the rate; 0 is what the
	// link carries in one round trip, and at least 256 KiB. It means nothing
	// without a rate.
	Buffer uint32
}

const (
	defaultMTU = 1500
	// burst is what the token bucket lets pass at once: two of the largest
	// packets that offload makes, 1 ms at 1 Gbit/s.
	burst = 128 << 10
	// minBuffer is four of them.
	minBuffer = 256 << 10
	// freeFlight is how many bytes are under way on a link without a rate.
	freeFlight = 64 << 20
	// minFlight is how many at least: 256 of the largest packets.
	minFlight = 16 << 20
)

func (l Link) withDefaults() (Link, error) {
	if l.RTT < 0 || l.Loss < 0 || l.Loss > 1 || l.MTU < 0 || l.MTU > maxMTU || (l.MTU > 0 && l.MTU < minMTU) {
		return l, fmt.Errorf("link %+v: %w: RTT is not negative, Loss 0 to 1, MTU %d to %d", l, pdx.ErrInvalid, minMTU, maxMTU)
	}
	if l.MTU == 0 {
		l.MTU = defaultMTU
	}
	if l.Buffer == 0 {
		l.Buffer = uint32(min(max(l.inFlight(l.RTT), minBuffer), 1<<31))
	}
	return l, nil
}

// inFlight returns how many bytes the rate makes in d.
func (l Link) inFlight(d time.Duration) uint64 { return uint64(float64(l.Rate) / 8 * d.Seconds()) }

// flight returns the room for packets under way in one direction.
func (l Link) flight() int {
	if l.Rate == 0 {
		return freeFlight
	}
	return int(max(2*l.inFlight(l.RTT), minFlight))
}

// A Wire is a link in operation.
type Wire struct {
	// A and B are the addresses of the first and the second host.
	A, B   netip.Addr
	ab, ba *pipe
	ends   [2]end // those of A and B
}

// end is a host's end of a link.
type end struct {
	host   *Host
	device string
}

// Connect lays a link between two hosts of the lab.
func (l *Lab) Connect(a, b *Host, link Link) (*Wire, error) {
	link, err := link.withDefaults()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &Wire{}
	if w.A, w.B, err = pair(len(l.wires)); err != nil {
		return nil, err
	}
	ta, err := a.attach(w.A, w.B, link)
	if err != nil {
		return nil, err
	}
	tb, err := b.attach(w.B, w.A, link)
	if err != nil {
		return nil, errors.Join(err, ta.Close())
	}
	l.start(w, ta, tb, link)
	return w, nil
}

// start has the wire carry packets between its two ends. The lab is locked.
func (l *Lab) start(w *Wire, a, b *tun, link Link) {
	w.ab, w.ba = newPipe(a, b, link), newPipe(b, a, link)
	l.wires = append(l.wires, w)
}

// attach makes the host's end of a link: a TUN device with an address, the way
// to the other, and the rate.
func (h *Host) attach(own, other netip.Addr, link Link) (*tun, error) {
	name := linkName(h.links)
	h.links++
	var t *tun
	err := h.Do(func() (err error) {
		t, err = openTun(name, link.Loss == 0)
		return err
	})
	if err == nil {
		err = h.configure(name, own, other, link)
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("host %s: %s: %w", h.name, name, err)
	}
	return t, nil
}

// linkName returns the device of a host's nth link.
func linkName(n int) string { return fmt.Sprintf("lab%d", n) }

func (h *Host) configure(name string, own, other netip.Addr, link Link) error {
	device, err := h.handle.LinkByName(name)
	if err != nil {
		return err
	}
	if err := h.handle.LinkSetMTU(device, link.MTU); err != nil {
		return fmt.Errorf("MTU: %w", err)
	}
	if err := h.handle.AddrAdd(device, address(own, other)); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	if link.Rate > 0 {
		if err := h.handle.QdiscReplace(bucket(device, link)); err != nil {
			return fmt.Errorf("rate: %w", err)
		}
	}
	return h.up(name)
}

// bucket returns the token bucket that makes the rate.
func bucket(device netlink.Link, link Link) *netlink.Tbf {
	bytes := link.Rate / 8
	return &netlink.Tbf{
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: device.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT},
		Rate:       bytes,
		Limit:      link.Buffer,
		Buffer:     netlink.Xmittime(bytes, burst),
	}
}

// address is a host's address of a link with another at the other end. Nobody else has it, so
// that IPv6 need not find out.
func address(own, other netip.Addr) *netlink.Addr {
	a := &netlink.Addr{IPNet: single(own), Peer: single(other)}
	if own.Is6() {
		a.Flags = unix.IFA_F_NODAD
	}
	return a
}

func single(a netip.Addr) *net.IPNet {
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(a.BitLen(), a.BitLen())}
}

// Stats counts the traffic of one direction of a link.
type Stats struct {
	Packets, Bytes uint64 // read from the first host or from the second; a packet may stand for many
	Lost           uint64 // by Link.Loss
	Dropped        uint64 // because a buffer was full
}

// Stats returns the traffic from A to B and from B to A.
func (w *Wire) Stats() (fromA, fromB Stats) { return w.ab.stats(), w.ba.stats() }

// Cut drops everything that the link is given, in both directions, until Heal. Nobody is told.
func (w *Wire) Cut() { w.ab.cut.Store(true); w.ba.cut.Store(true) }

// Heal undoes Cut.
func (w *Wire) Heal() { w.ab.cut.Store(false); w.ba.cut.Store(false) }

func (w *Wire) close() error {
	err := errors.Join(w.ab.from.Close(), w.ba.from.Close())
	w.ab.stop()
	w.ba.stop()
	return err
}
