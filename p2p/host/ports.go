package host

import (
	"fmt"
	"net"
	"strconv"

	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
)

// ListenAddrs returns the TCP multiaddrs in tcp and, if quic is set, the same ports
// over QUIC. It replaces port 0 of an address by the port that remembered has for the
// address, so that peers find a node again after a restart. If that port is not free or
// there is none, ListenAddrs chooses a free one and stores it in remembered. It returns
// pdx.ErrInvalid for an address that is not a multiaddr.
func ListenAddrs(tcp []string, quic bool, remembered map[string]int) ([]string, error) {
	var listen []string
	for _, text := range tcp {
		tcpAddr, err := pickPort(text, remembered)
		if err != nil {
			return nil, err
		}
		listen = append(listen, tcpAddr.String())
		if quic {
			listen = append(listen, asQUIC(tcpAddr).String())
		}
	}
	return listen, nil
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
