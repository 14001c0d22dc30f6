package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/libp2p/go-libp2p/core/pnet"

	"github.com/medibloc/pdx"
)

// Bounds of the settings of connections.
const (
	minConnections        = 16 // below it, a node cannot stay in the DHT and serve a pool
	maxConnections        = 65_536
	minAddressConnections = 8 // what one pull takes
)

func (c P2P) checkConnections() error {
	for _, s := range []struct {
		name         string
		value        int
		least, limit int
	}{
		{"p2p.low_connections", c.LowConnections, minConnections, maxConnections},
		{"p2p.high_connections", c.HighConnections, c.LowConnections, maxConnections},
		{"p2p.max_connections", c.MaxConnections, c.HighConnections, maxConnections},
		{"p2p.address_connections", c.AddressConnections, minAddressConnections, c.MaxConnections},
	} {
		if s.value < s.least || s.value > s.limit {
			return invalid(s.name, strconv.Itoa(s.value), fmt.Sprintf(
				"use %d to %d; low_connections ≤ high_connections ≤ max_connections", s.least, s.limit))
		}
	}
	return nil
}

// maxKeyFile bounds the file of a pre-shared key, whose text has 95 bytes.
const maxKeyFile = 4096

// NetworkKey returns the pre-shared key of the private network, or nil if there is none.
func (cfg Config) NetworkKey() (pnet.PSK, error) {
	name := cfg.P2P.PrivateNetwork
	if name == "" {
		return nil, nil
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(cfg.Home, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("p2p.private_network: %w: %w", pdx.ErrInvalid, err)
	}
	key, err := pnet.DecodeV1PSK(bytes.NewReader(text[:min(len(text), maxKeyFile)]))
	if err != nil {
		return nil, invalid("p2p.private_network", name,
			"the file holds no key: it must have the lines /key/swarm/psk/1.0.0/, /base16/ and 64 hex digits")
	}
	return key, nil
}
