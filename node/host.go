package node

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/transport"
)

// newHost makes the libp2p host, with the connections of package transport.
func newHost(cfg P2PConfig, key crypto.PrivKey, listen []string, metrics prometheus.Registerer) (host.Host, error) {
	manager, err := connmgr.NewConnManager(connsLow, connsHigh, connmgr.WithGracePeriod(connsGrace))
	if err != nil {
		return nil, err
	}
	options := append(transport.Options(cfg.QUIC),
		libp2p.Identity(key),
		libp2p.ListenAddrStrings(listen...),
		libp2p.ConnectionManager(manager),
		libp2p.PrometheusRegisterer(metrics),
		libp2p.UserAgent("pdx/"+Version),
	)
	h, err := libp2p.New(append(options, reachOptions(cfg)...)...)
	if err != nil {
		return nil, fmt.Errorf("listen on %v: %w: %w: free the port or choose another in p2p.listen", listen, pdx.ErrUnavailable, err)
	}
	if err := listens(h, listen); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if cfg.LocalNetwork {
		return h, nil
	}
	reporting, err := reportReachability(h)
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return reporting, nil
}

// reachOptions say how the host is reached and how it knows. AutoNAT v1 is off
// in any case, which libp2p calls a forced reachability: on a local network
// everybody reaches everybody; elsewhere AutoNAT v2 finds out, and reportingHost
// replaces the forced value before newHost returns, so that only what libp2p itself
// has started may see it, for a moment. The dial-backs that v2 makes for others
// have libp2p's limits: 60 a minute, 12 of one peer.
func reachOptions(cfg P2PConfig) []libp2p.Option {
	if cfg.LocalNetwork {
		return []libp2p.Option{libp2p.ForceReachabilityPublic()}
	}
	return []libp2p.Option{libp2p.ForceReachabilityPrivate(), libp2p.NATPortMap(), libp2p.EnableAutoNATv2(), libp2p.EnableHolePunching()}
}

// listens checks that the host listens everywhere; libp2p itself is content
// with one address of several.
func listens(h host.Host, wanted []string) error {
	have := map[string]bool{}
	for _, a := range h.Network().ListenAddresses() {
		have[a.String()] = true
	}
	for _, text := range wanted {
		if a, err := multiaddr.NewMultiaddr(text); err == nil && have[a.String()] {
			continue
		}
		return fmt.Errorf("listen on %s: %w: the port is taken or the address is not this machine's: free it or choose another in p2p.listen", text, pdx.ErrUnavailable)
	}
	return nil
}

const (
	// A node keeps connections to the DHT's buckets (about 20 × log2 of the
	// network) and to the peers of its pools; above high the idle go, down to low.
	connsLow, connsHigh = 160, 320
	connsGrace          = time.Minute
)

// listenAddrs are the TCP addresses of the configuration, with port 0 replaced
// by a port that is remembered, so that a node is found again after a restart,
// and the same ports for QUIC.
func listenAddrs(cfg P2PConfig, remembered map[string]int) ([]string, error) {
	var listen []string
	for _, text := range cfg.Listen {
		tcpAddr, err := pickPort(text, remembered)
		if err != nil {
			return nil, err
		}
		listen = append(listen, tcpAddr.String())
		if cfg.QUIC {
			listen = append(listen, asQUIC(tcpAddr).String())
		}
	}
	return listen, nil
}

// pickPort replaces port 0 of a TCP multiaddr.
func pickPort(text string, remembered map[string]int) (multiaddr.Multiaddr, error) {
	addr, err := multiaddr.NewMultiaddr(text)
	if err != nil {
		return nil, bad("p2p.listen", text, err.Error())
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

// asQUIC is the same address and port number over QUIC.
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

// isFree reports whether a port can be listened on, TCP and UDP.
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

// freePort finds a port that is free for both TCP and UDP.
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
