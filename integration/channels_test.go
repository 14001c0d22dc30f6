package integration_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	libp2pquic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestChannels makes sure that nodes are reached over Noise on TCP, over QUIC
// where that is on and TCP does not connect, and over nothing else.
func TestChannels(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	seller := m.Sellers[0]

	t.Run("Noise over TCP connects", func(t *testing.T) {
		h := adversary.NewHost(t)
		require.NoError(t, h.Connect(t.Context(), overTCP(m.In(t), seller)))
		require.Equal(t, noise.ID, string(h.Network().Conns()[0].ConnState().Security))
	})
	for name, security := range map[string]libp2p.Option{
		"plain TCP does not connect":    libp2p.NoSecurity,
		"TLS over TCP does not connect": libp2p.Security(libp2ptls.ID, libp2ptls.New),
	} {
		t.Run(name, func(t *testing.T) {
			h := adversary.NewHost(t, libp2p.Transport(tcp.NewTCPTransport), security, libp2p.NoListenAddrs)
			require.ErrorContains(t, h.Connect(t.Context(), overTCP(m.In(t), seller)), "failed to negotiate")
			require.Empty(t, h.Network().Conns())
		})
	}
	t.Run("QUIC connects where it is on", func(t *testing.T) {
		h := adversary.NewHost(t, libp2p.Transport(libp2pquic.NewTransport), libp2p.NoListenAddrs)
		require.NoError(t, h.Connect(t.Context(), adversary.InfoOf(t, listen(m.In(t), seller))))
	})
	t.Run("nodes that could use both use TCP", func(t *testing.T) {
		sellSome(m.In(t), seller)
		for _, n := range m.Fleet.Members() {
			requireTransports(t, n, nodesOf(m.In(t)), "tcp+noise")
		}
	})
	t.Run("where TCP does not connect QUIC is used", func(t *testing.T) {
		h := adversary.NewHost(t, libp2p.Transport(libp2pquic.NewTransport), libp2p.ListenAddrStrings("/ip4/127.0.0.1/udp/0/quic-v1"))
		peers := fmt.Sprintf("/ip4/127.0.0.1/tcp/%d/p2p/%s,%s/p2p/%s", deadPort(t), h.ID(), h.Addrs()[0], h.ID())
		restartWith(t, m.In(t), seller, "PDX_P2P_BOOTSTRAP", peers)
		m.In(t).Until(market.Patience, "the seller has met a peer that speaks QUIC only", func(ctx context.Context) error {
			return transports(ctx, seller, map[string]bool{h.ID().String(): true}, "quic")
		})
	})
	t.Run("with QUIC off there is TCP only", func(t *testing.T) {
		restartWith(t, m.In(t), seller, "PDX_P2P_QUIC", "false")
		at := listen(m.In(t), seller)
		for _, text := range at {
			require.NotContains(t, text, "udp")
		}
		info := overTCP(m.In(t), seller)
		port := portOf(t, info)
		taken, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		require.NoError(t, err, "nobody listens on the port that QUIC had")
		require.NoError(t, taken.Close())
		sellSome(m.In(t), seller)
		requireTransports(t, seller, nil, "tcp+noise")
	})
}

// restartWith runs a node with a setting until the end of its subtest.
func restartWith(t *testing.T, m *market.Market, n *procs.Member, setting, value string) {
	t.Helper()
	m.Must(n.Stop(), "stop "+n.Name)
	t.Setenv(setting, value)
	m.Must(n.Start(t.Context()), "start "+n.Name+" again")
}

// sellSome sells one dataset, so that all parties have met.
func sellSome(m *market.Market, seller *procs.Member) {
	m.T.Helper()
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	name := fmt.Sprintf("for-pool-%d", pool)
	m.AddSample(seller, name, sample.Options{Kind: sample.Patient, Patients: 20, Seed: pool})
	m.Bought(m.WaitSale(seller, m.Sell(seller, pool, name).Id, pdx.DealFinal))
}

// nodesOf returns the peer ids of a market's nodes.
func nodesOf(m *market.Market) map[string]bool {
	ids := map[string]bool{}
	for _, n := range m.Fleet.Members() {
		ids[adversary.InfoOf(m.T, listen(m, n)).ID.String()] = true
	}
	return ids
}

// requireTransports makes sure that a node is connected, and that all its
// connections, with those peers or with all, are of one transport.
func requireTransports(t *testing.T, n *procs.Member, with map[string]bool, transport string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, transports(ctx, n, with, transport), n.Name)
}

func transports(ctx context.Context, n *procs.Member, with map[string]bool, transport string) error {
	res, err := n.Client().Peers(ctx, &nodepb.PeersRequest{})
	if err != nil {
		return err
	}
	seen := 0
	for _, p := range res.Peers {
		if with != nil && !with[p.PeerId] {
			continue
		}
		if seen++; p.Transport != transport {
			return fmt.Errorf("%s with %s at %s, %s is wanted", p.Transport, p.PeerId, p.Address, transport)
		}
	}
	if seen == 0 {
		return fmt.Errorf("no connection: %v", res.Peers)
	}
	return nil
}

// overTCP returns a node at its TCP addresses.
func overTCP(m *market.Market, n *procs.Member) peer.AddrInfo {
	m.T.Helper()
	var list []string
	for _, text := range listen(m, n) {
		if strings.Contains(text, "/tcp/") {
			list = append(list, text)
		}
	}
	return adversary.InfoOf(m.T, list)
}

func portOf(t *testing.T, info peer.AddrInfo) (port int) {
	t.Helper()
	text, err := info.Addrs[0].ValueForProtocol(multiaddr.P_TCP)
	require.NoError(t, err)
	_, err = fmt.Sscan(text, &port)
	require.NoError(t, err)
	return port
}

// deadPort returns a TCP port on which nobody listens.
func deadPort(t *testing.T) int {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
