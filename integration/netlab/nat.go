//go:build linux

package netlab

import (
	"bytes"
	"fmt"
	"net/netip"
	"os/exec"

	"github.com/medibloc/pdx"
)

// A NATKind says what a NAT lets in, and how it chooses the public port of a socket behind
// it. The kinds are those of RFC 3489.
type NATKind string

const (
	// FullCone lets anybody in at the public port of a socket that has sent something.
	FullCone NATKind = "full-cone"
	// Restricted lets in who has the IP address of a peer to which the socket has sent.
	Restricted NATKind = "restricted"
	// PortRestricted lets in who has the IP address and the port of such a peer.
	PortRestricted NATKind = "port-restricted"
	// Symmetric does so too, and chooses another public port for each peer, at random.
	Symmetric NATKind = "symmetric"
)

// NATKinds are all kinds.
var NATKinds = []NATKind{FullCone, Restricted, PortRestricted, Symmetric}

// The addresses behind every NAT: labs are not connected, and NATs neither.
var (
	// insideAddr is the host's behind the innermost NAT.
	insideAddr = netip.MustParseAddr("192.168.77.2")
	// betweenAddr is the inner NAT's behind an outer one.
	betweenAddr = netip.MustParseAddr("100.64.77.2")
)

// NATSupported returns nil if labs can have NATs; otherwise the error says what is missing
// and wraps pdx.ErrUnavailable.
func NATSupported() error {
	if err := Supported(); err != nil {
		return err
	}
	if _, err := exec.LookPath("nft"); err != nil {
		return fmt.Errorf("NATs: %w: the program nft is not installed (package nftables)", pdx.ErrUnavailable)
	}
	ns, err := newNamespace()
	if err != nil {
		return fmt.Errorf("NATs: %w: %w", pdx.ErrUnavailable, err)
	}
	defer ns.Close()
	try := &Host{name: "trial", ns: ns}
	if err := try.nft(rules(Symmetric, insideAddr)); err != nil {
		return fmt.Errorf("NATs: %w: %w", pdx.ErrUnavailable, err)
	}
	return nil
}

// JoinBehind is Join for a host behind NATs, the outermost first; at is the public address.
// The NATs answer nothing that they do not let in, as home routers do. JoinBehind returns the
// link of the host that has the public address and that host, by which Move changes it.
func (r *Router) JoinBehind(h *Host, at netip.Addr, link Link, kinds ...NATKind) (wire *Wire, outer *Host, err error) {
	next := r
	for i, kind := range kinds {
		nat, err := r.lab.Router(fmt.Sprintf("%s's NAT %d", h.name, i+1))
		if err != nil {
			return nil, nil, err
		}
		w, err := next.Join(nat.Host, at, link)
		if err != nil {
			return nil, nil, err
		}
		if wire == nil {
			wire, outer = w, nat.Host
		}
		at, link = insideAddr, Link{}
		if i < len(kinds)-1 {
			at = betweenAddr
		}
		if err := nat.nft(rules(kind, at)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", nat.name, err)
		}
		next = nat
	}
	w, err := next.Join(h, at, link)
	if wire == nil {
		wire, outer = w, h
	}
	return wire, outer, err
}

// outside is the device of a NAT's link to the internet: its first.
const outside = "lab0"

// rules returns the rules of a NAT for one host behind it.
//
// The kernel's own NAT is port restricted: it takes the source port of the host if it is
// free, and lets in what answers. The cones remember who sent, and let others in with a
// second rule; "random" makes a port for each peer.
func rules(kind NATKind, inside netip.Addr) string {
	masquerade, learn, admit := "masquerade", "", ""
	switch kind {
	case Symmetric:
		masquerade = "masquerade fully-random"
	case FullCone:
		learn = "add @sent { meta l4proto . th sport timeout 5m }"
		admit = "meta l4proto . th dport @sent"
	case Restricted:
		learn = "add @met { meta l4proto . th sport . ip daddr timeout 5m }"
		admit = "meta l4proto . th dport . ip saddr @met"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "table ip nat {\n")
	fmt.Fprintf(&b, "set sent { type inet_proto . inet_service; flags dynamic, timeout; size 65535; }\n")
	fmt.Fprintf(&b, "set met { type inet_proto . inet_service . ipv4_addr; flags dynamic, timeout; size 65535; }\n")
	out := fmt.Sprintf("oifname %q", outside)
	in := fmt.Sprintf("iifname %q", outside)
	const transports = "meta l4proto { tcp, udp }"
	fmt.Fprintf(&b, "chain post { type nat hook postrouting priority 100; %s %s %s; %s masquerade; }\n", out, transports, masquerade, out)
	if learn != "" {
		fmt.Fprintf(&b, "chain learn { type filter hook postrouting priority 90; %s %s %s; }\n", out, transports, learn)
		fmt.Fprintf(&b, "chain pre { type nat hook prerouting priority -100; %s %s %s dnat to %s; }\n", in, transports, admit, inside)
	}
	// What the host behind has not asked for is dropped and not rejected: a rejection would
	// end the other side's half of a simultaneous connection.
	fmt.Fprintf(&b, "chain in { type filter hook input priority 0; %s ct state new drop; %s ct state invalid drop; }\n", in, in)
	fmt.Fprintf(&b, "chain through { type filter hook forward priority 0; %s ct status dnat accept; %s ct state new drop; }\n}\n", in, in)
	return b.String()
}

// nft gives the host packet filter rules.
func (h *Host) nft(text string) error {
	var out bytes.Buffer
	cmd := exec.Command("nft", "-f", "-") //nolint:noctx // it ends by itself
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader([]byte(text)), &out, &out
	if err := h.Start(cmd); err != nil {
		return fmt.Errorf("nft: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}
