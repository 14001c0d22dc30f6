package host

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
)

// ListenAddrs returns the TCP multiaddrs in tcp and, if quic is set, the same ports
// over QUIC. It replaces port 0 of an address by the port that remembered has for the
// address, so that peers find a node again after a restart. If that port is not free or
// there is none, ListenAddrs chooses a free one and stores it in remembered.
// /ip4/0.0.0.0/tcp/0 and /ip6/::/tcp/0 share a port. It returns pdx.ErrInvalid for an address
// that is not a multiaddr.
func ListenAddrs(tcp []string, quic bool, remembered map[string]int) ([]string, error) {
	var listen []string
	for _, text := range tcp {
		if text == anyIPv6 && slices.Contains(tcp, anyIPv4) {
			remembered[text] = remembered[anyIPv4] // chosen before, or next
		}
		tcpAddr, err := pickPort(text, remembered)
		if err != nil {
			return nil, err
		}
		if text == anyIPv6 && slices.Contains(tcp, anyIPv4) {
			remembered[anyIPv4] = remembered[text]
		}
		listen = append(listen, tcpAddr.String())
		if quic {
			listen = append(listen, asQUIC(tcpAddr).String())
		}
	}
	return listen, nil
}

// All addresses of a family, with a port to be chosen.
const (
	anyIPv4 = "/ip4/0.0.0.0/tcp/0"
	anyIPv6 = "/ip6/::/tcp/0"
)

// WithoutIPv6 leaves out the addresses /ip6/::/… of listen if this machine has no IPv6 and
// other addresses remain. missing reports whether it left out any.
func WithoutIPv6(listen []string) (kept []string, missing bool) { return withoutIPv6(listen, hasIPv6) }

func withoutIPv6(listen []string, hasIPv6 func() bool) (kept []string, missing bool) {
	kept = slices.DeleteFunc(slices.Clone(listen), func(text string) bool { return strings.HasPrefix(text, "/ip6/::/") })
	if len(kept) == len(listen) || len(kept) == 0 || hasIPv6() {
		return listen, false
	}
	return kept, true
}

// hasIPv6 reports whether this machine can listen on IPv6.
func hasIPv6() bool {
	l, err := net.ListenTCP("tcp6", &net.TCPAddr{IP: net.IPv6unspecified})
	return err == nil && l.Close() == nil
}

// pickPort replaces port 0 of a TCP multiaddr.
func pickPort(text string, remembered map[string]int) (multiaddr.Multiaddr, error) {
	addr, err := multiaddr.NewMultiaddr(text)
	if err != nil {
		return nil, fmt.Errorf("p2p.listen = %q: %w: %v", text, pdx.ErrInvalid, err)
	}
	if port, _ := addr.ValueForProtocol(multiaddr.P_TCP); port != "0" {
		return addr, nil
	}
	if !isFree(remembered[text]) {
		if remembered[text], err = freePort(); err != nil {
			return nil, err
		}
	}
	return withTCPPort(addr, remembered[text]), nil
}

func withTCPPort(addr multiaddr.Multiaddr, port int) multiaddr.Multiaddr {
	return mapComponents(addr, func(c multiaddr.Component) string {
		if c.Protocol().Code == multiaddr.P_TCP {
			return "/tcp/" + strconv.Itoa(port)
		}
		return c.String()
	})
}

// asQUIC returns the same address and port number over QUIC.
func asQUIC(addr multiaddr.Multiaddr) multiaddr.Multiaddr {
	return mapComponents(addr, func(c multiaddr.Component) string {
		if c.Protocol().Code == multiaddr.P_TCP {
			return "/udp/" + c.Value() + "/quic-v1"
		}
		return c.String()
	})
}

func mapComponents(addr multiaddr.Multiaddr, change func(multiaddr.Component) string) multiaddr.Multiaddr {
	text := ""
	for _, c := range addr {
		text += change(c)
	}
	return multiaddr.StringCast(text)
}

// isFree reports whether both the TCP and the UDP port are free.
func isFree(port int) bool {
	if port == 0 {
		return false
	}
	t, err := net.ListenTCP("tcp", &net.TCPAddr{Port: port})
	if err != nil {
		return false
	}
	defer t.Close()
	u, err := net.ListenUDP("udp", &net.UDPAddr{Port: port})
	if err != nil {
		return false
	}
	return u.Close() == nil
}

// freePort returns a port that is free for both TCP and UDP.
func freePort() (int, error) {
	for range 16 {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{})
		if err != nil {
			return 0, err
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if isFree(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("find a free port: %w", pdx.ErrUnavailable)
}
