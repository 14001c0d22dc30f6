package discovery_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/test"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
)

// nameServer serves TXT records over UDP, and returns a resolver that asks it.
func nameServer(t *testing.T, records map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan struct{})
	t.Cleanup(func() { require.NoError(t, conn.Close()); <-ended })
	go func() {
		defer close(ended)
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if answer := txt(buf[:n], records); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// txt answers a question for TXT records, and nothing to what is no question.
func txt(question []byte, records map[string][]string) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	asked := m.Questions[0]
	texts, known := records[asked.Name.String()]
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	m.Additionals = nil
	for _, text := range texts {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: dnsmessage.ClassINET, TTL: 60},
			Body:   &dnsmessage.TXTResource{TXT: []string{text}},
		})
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

func addressOf(h host.Host) string { return fmt.Sprintf("%s/p2p/%s", h.Addrs()[0], h.ID()) }

// byName starts with nothing but names.
func byName(dns *net.Resolver, names ...string) func(*discovery.Options) {
	return func(o *discovery.Options) {
		o.DNS = dns
		for _, name := range names {
			o.Names = append(o.Names, ma.StringCast("/dnsaddr/"+name))
		}
	}
}

func TestDNSStartsANetwork(t *testing.T) {
	hub := newHost(t)
	start(t, hub, nil)
	dns := nameServer(t, map[string][]string{
		"_dnsaddr.seeds.example.org.": {"dnsaddr=/dnsaddr/eu.example.org", "v=spf1 -all"},
		"_dnsaddr.eu.example.org.":    {"dnsaddr=" + addressOf(hub)},
	})
	n := start(t, newHost(t), byName(dns, "gone.example.org", "seeds.example.org"))
	require.Eventually(t, func() bool { return n.Peers() == 1 }, patience, glance)
}

// A name that stands for private addresses, for itself, for another peer than the one that is
// there, or for nothing that makes sense leads nowhere, and does not keep an honest one from
// being used.
func TestDNSLies(t *testing.T) {
	hub, other := newHost(t), test.RandPeerIDFatal(t)
	start(t, hub, nil)
	var crowd []string
	for range 3 {
		crowd = append(crowd, fmt.Sprintf("dnsaddr=/ip4/127.0.0.1/tcp/1/p2p/%s", test.RandPeerIDFatal(t)))
	}
	dns := nameServer(t, map[string][]string{
		"_dnsaddr.loop.example.org.":   {"dnsaddr=/dnsaddr/loop.example.org"},
		"_dnsaddr.nobody.example.org.": {"dnsaddr=/ip4/127.0.0.1/tcp/4001", "dnsaddr=nonsense", "dnsaddr="},
		"_dnsaddr.other.example.org.":  {fmt.Sprintf("dnsaddr=%s/p2p/%s", hub.Addrs()[0], other)},
		"_dnsaddr.crowd.example.org.":  crowd,
		"_dnsaddr.honest.example.org.": {"dnsaddr=" + addressOf(hub)},
	})
	liars := []string{"loop.example.org", "nobody.example.org", "other.example.org", "crowd.example.org"}
	lone := start(t, newHost(t), byName(dns, liars...))
	n := start(t, newHost(t), byName(dns, append(liars, "honest.example.org")...))
	require.Eventually(t, func() bool { return n.Peers() == 1 }, patience, glance)

	open := newHost(t)
	d := start(t, open, func(o *discovery.Options) {
		byName(dns, "honest.example.org")(o)
		o.LocalNetwork = false
	})
	_, err := d.Find(t.Context(), 1, "seller")
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.Zero(t, lone.Peers())
	require.Empty(t, open.Network().Peers(), "a private address on an open network")
}

// Of as many validators as a node keeps, one is alive.
func TestAllSeedsButOneAreDead(t *testing.T) {
	hub := newHost(t)
	start(t, hub, nil)
	seeds := infos(hub)
	for i := range 31 {
		dead := test.RandPeerIDFatal(t)
		seeds = append(seeds, peer.AddrInfo{ID: dead, Addrs: []ma.Multiaddr{ma.StringCast(fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", 1+i))}})
	}
	n := start(t, newHost(t), func(o *discovery.Options) {
		o.Seeds = func(context.Context) ([]peer.AddrInfo, error) { return seeds, nil }
	})
	require.Eventually(t, func() bool { return n.Peers() == 1 }, 5*patience, glance)
}
