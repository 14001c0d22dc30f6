package host

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
)

// Addresses that go are not announced from then on, and new ones at once, until libp2p has
// read them itself.
func TestAddressesAreFresh(t *testing.T) {
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/0.0.0.0/tcp/0"), libp2p.DisableMetrics())
	require.NoError(t, err)
	defer h.Close()
	port := ""
	for _, a := range h.Network().ListenAddresses() {
		if after, ok := strings.CutPrefix(a.String(), "/ip4/0.0.0.0"); ok {
			port = after
		}
	}
	own := func(ip string) multiaddr.Multiaddr { return multiaddr.StringCast("/ip4/" + ip + port) }
	there := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")}
	now := time.Now()
	f := newFresh(func() []netip.Addr { return there }, func() time.Time { return now })
	observed := multiaddr.StringCast("/ip4/45.1.1.1/tcp/9")
	relayed := multiaddr.StringCast("/ip4/10.0.0.1/tcp/9/p2p/12D3KooWHwiUCQhFYoggTZunmDHFR1CyYhTMLLDQCRMEm5yqUDtR/p2p-circuit")
	stale := func() []multiaddr.Multiaddr { // as libp2p says for a minute
		return []multiaddr.Multiaddr{own("127.0.0.1"), own("10.0.0.1"), observed, relayed}
	}
	require.Equal(t, stale(), f.factory(stale()), "it does not follow a host yet")
	f.follow(h)
	require.Equal(t, stale(), f.factory(stale()))

	there = []netip.Addr{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("2a05::1")}
	now = now.Add(2 * time.Second)
	want := []multiaddr.Multiaddr{own("127.0.0.1"), observed, relayed, own("10.0.0.2")}
	require.Equal(t, want, f.factory(stale()), "this host does not listen by IPv6")
	require.Equal(t, want, f.factory(stale()))
	require.Equal(t, want, f.factory(append(stale(), own("10.0.0.2"))), "libp2p has read it")

	there = []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")}
	now = now.Add(2 * time.Second)
	require.Equal(t, stale(), f.factory(stale()), "it is back")
	now = now.Add(libp2pReads + time.Second)
	left := []multiaddr.Multiaddr{observed} // libp2p has left the other out, for it cannot be reached
	require.Equal(t, left, f.factory([]multiaddr.Multiaddr{observed}))
}

func TestInterfaces(t *testing.T) {
	require.Contains(t, Interfaces(), netip.MustParseAddr("127.0.0.1"))
}
