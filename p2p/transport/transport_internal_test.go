package transport

import (
	"testing"

	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
)

func TestTCPIsDialledFirst(t *testing.T) {
	addrs := []multiaddr.Multiaddr{
		multiaddr.StringCast("/ip4/192.0.2.1/udp/4001/quic-v1"),
		multiaddr.StringCast("/ip4/192.0.2.1/tcp/4001"),
		multiaddr.StringCast("/ip6/2001:db8::1/udp/4001/quic-v1"),
	}
	for _, ranked := range tcpFirst(addrs) {
		_, err := ranked.Addr.ValueForProtocol(multiaddr.P_QUIC_V1)
		if err == nil {
			require.Equal(t, quicDelay, ranked.Delay, ranked.Addr)
		} else {
			require.Zero(t, ranked.Delay, ranked.Addr)
		}
	}
	require.Len(t, tcpFirst(addrs), len(addrs))
}
