package host

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPortZeroIsRemembered(t *testing.T) {
	tcp := []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/4001"}
	ports := map[string]int{}
	first, err := ListenAddrs(tcp, true, ports)
	require.NoError(t, err)
	require.Len(t, first, 4, "TCP and QUIC for each")
	require.Contains(t, first, "/ip4/127.0.0.1/udp/4001/quic-v1", "QUIC takes the same number")
	again, err := ListenAddrs(tcp, true, ports)
	require.NoError(t, err)
	require.Equal(t, first, again)

	// Another program has taken the remembered port meanwhile.
	taken, err := net.ListenTCP("tcp", &net.TCPAddr{Port: ports["/ip4/127.0.0.1/tcp/0"]})
	require.NoError(t, err)
	defer taken.Close()
	other, err := ListenAddrs(tcp, true, ports)
	require.NoError(t, err)
	require.NotEqual(t, first[0], other[0])
}

func TestNothingListensOnUDPWithoutQUIC(t *testing.T) {
	listen, err := ListenAddrs([]string{"/ip4/127.0.0.1/tcp/0"}, false, map[string]int{})
	require.NoError(t, err)
	require.Len(t, listen, 1)
	require.NotContains(t, listen[0], "udp")
}
