package main

import (
	"fmt"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"

	"github.com/medibloc/pdx/p2p/transport"
)

// way is what a host's connections are.
type way int

const (
	byTCP  way = iota // a node's
	byQUIC            // a node's where TCP does not connect
	stock             // what libp2p has unasked, over TCP
)

// newHost returns a libp2p host at an address.
func newHost(address string, by way) (host.Host, error) {
	var options []libp2p.Option
	if by != stock {
		options = transport.Options(by == byQUIC)
	}
	listen := "/ip4/" + address + "/tcp/0"
	if by == byQUIC {
		listen = "/ip4/" + address + "/udp/0/quic-v1"
	}
	return libp2p.New(append(options,
		libp2p.ListenAddrStrings(listen),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
	)...)
}

// addresses of a host, with its peer id.
func addresses(h host.Host) (texts []string, err error) {
	addrs, err := peer.AddrInfoToP2pAddrs(&peer.AddrInfo{ID: h.ID(), Addrs: h.Addrs()})
	for _, a := range addrs {
		texts = append(texts, a.String())
	}
	return texts, err
}

// meet adds the peers to h.
func meet(h host.Host, texts []string) (ids []peer.ID, err error) {
	for _, text := range texts {
		info, err := peer.AddrInfoFromString(text)
		if err != nil {
			return nil, fmt.Errorf("peer %q: %w", text, err)
		}
		h.Peerstore().AddAddrs(info.ID, info.Addrs, peerstore.PermanentAddrTTL)
		ids = append(ids, info.ID)
	}
	return ids, nil
}
