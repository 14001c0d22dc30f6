package discovery

import (
	"fmt"
	"testing"

	ma "github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
)

const relay = "/p2p/12D3KooWB7isr6Mb6WaeTKpZDkViJxbLepe1Jhd1Wo5cTXh8VeAF/p2p-circuit"

func addrs(t *testing.T, texts ...string) []ma.Multiaddr {
	var all []ma.Multiaddr
	for _, text := range texts {
		a, err := ma.NewMultiaddr(text)
		require.NoError(t, err)
		all = append(all, a)
	}
	return all
}

func TestOpenNetworksTakePublicAddresses(t *testing.T) {
	public := addrs(t, "/ip4/8.8.8.8/tcp/1", "/ip6/2001:4860::8888/udp/1/quic-v1",
		"/dns4/node.panacea.health/tcp/1", "/ip4/8.8.8.8/tcp/1"+relay)
	local := addrs(t, "/ip4/127.0.0.1/tcp/1", "/ip4/10.1.2.3/tcp/1", "/ip4/192.168.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip6/fe80::1/tcp/1",
		"/ip6/fd00::1/tcp/1", "/ip4/0.0.0.0/tcp/1", "/dns4/localhost/tcp/1", "/ip4/10.1.2.3/tcp/1"+relay)
	open, closed := addressPolicy{}, addressPolicy{local: true}
	require.Equal(t, public, open.keep(append(local, public...)))
	require.Equal(t, append(local, public...), closed.keep(append(local, public...)))
	require.Empty(t, open.keep([]ma.Multiaddr{nil}))
}

func TestRoutingPeersNeedADirectAddress(t *testing.T) {
	open := addressPolicy{}
	require.True(t, open.direct(addrs(t, "/ip4/127.0.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1")))
	require.False(t, open.direct(addrs(t, "/ip4/127.0.0.1/tcp/1", "/ip4/8.8.8.8/tcp/1"+relay)))
	require.False(t, open.direct(nil))
	require.True(t, addressPolicy{local: true}.direct(addrs(t, "/ip4/127.0.0.1/tcp/1")))
}

func TestAddressesOfAPeerAreBounded(t *testing.T) {
	var many []ma.Multiaddr
	for port := range 10 * maxPeerAddrs {
		many = append(many, addrs(t, fmt.Sprintf("/ip4/8.8.8.8/tcp/%d", port+1))...)
	}
	require.Len(t, addressPolicy{}.keep(many), maxPeerAddrs)
}
