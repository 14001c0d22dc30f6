package host

import (
	"crypto/rand"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/access"
	"github.com/medibloc/pdx/p2p/transport"
)

// made returns a host of a local network over TCP, with these settings.
func made(t *testing.T, change func(*Config)) host.Host {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	c := Config{Key: key, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, LocalNetwork: true, Metrics: prometheus.NewRegistry()}
	listen, err := ListenAddrs(c.Listen, false, map[string]int{})
	require.NoError(t, err)
	c.Listen = listen
	change(&c)
	h, err := New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

func connects(t *testing.T, from, to host.Host) bool {
	t.Helper()
	_ = from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: to.Addrs()})
	return from.Network().Connectedness(to.ID()) == network.Connected
}

func TestPrivateNetwork(t *testing.T) {
	key := pnet.PSK(make([]byte, 32))
	other := pnet.PSK(append(make([]byte, 31), 1))
	with := func(key pnet.PSK) host.Host { return made(t, func(c *Config) { c.PSK = key }) }
	one, two, three, open := with(key), with(key), with(other), with(nil)
	require.True(t, connects(t, one, two))
	require.False(t, connects(t, one, three))
	require.False(t, connects(t, open, one))
	require.False(t, connects(t, one, open))
}

func TestHostKeepsToTheLists(t *testing.T) {
	stranger, friend := made(t, func(*Config) {}), made(t, func(*Config) {})
	rules, err := access.NewRules(nil, []string{stranger.ID().String()})
	require.NoError(t, err)
	h := made(t, func(c *Config) { c.Gater = rules })
	require.True(t, connects(t, h, friend))
	require.False(t, connects(t, h, stranger))
}

// A host has the connections that the settings say, and no more.
func TestConnectionsAreBounded(t *testing.T) {
	h := made(t, func(c *Config) {
		c.Limits, c.Low, c.High = transport.Limits{Connections: 3, PerAddress: 8}, 16, 32
	})
	for range 6 {
		connects(t, made(t, func(*Config) {}), h)
	}
	require.Len(t, h.Network().Conns(), 3)
}
