package host

import (
	"crypto/rand"
	"net"
	"strconv"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/prometheus/client_golang/prometheus"
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

// A node listens on the same port of both families, and an old home keeps the port by which
// its peers know it.
func TestFamiliesShareAPort(t *testing.T) {
	for _, tcp := range [][]string{{anyIPv4, anyIPv6}, {anyIPv6, anyIPv4}} {
		ports := map[string]int{}
		first, err := ListenAddrs(tcp, true, ports)
		require.NoError(t, err)
		port := strconv.Itoa(ports[anyIPv4])
		require.ElementsMatch(t, []string{
			"/ip4/0.0.0.0/tcp/" + port, "/ip4/0.0.0.0/udp/" + port + "/quic-v1",
			"/ip6/::/tcp/" + port, "/ip6/::/udp/" + port + "/quic-v1",
		}, first)
		again, err := ListenAddrs(tcp, true, ports)
		require.NoError(t, err)
		require.Equal(t, first, again)

		old := map[string]int{anyIPv4: ports[anyIPv4]}
		upgraded, err := ListenAddrs(tcp, true, old)
		require.NoError(t, err)
		require.Equal(t, first, upgraded)
	}
}

// A host listens on all that the default has, in one port.
func TestHostListensOnBothFamilies(t *testing.T) {
	if !hasIPv6() {
		t.Skip("this machine has no IPv6")
	}
	listen, err := ListenAddrs([]string{anyIPv4, anyIPv6}, true, map[string]int{})
	require.NoError(t, err)
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	h, err := New(Config{Key: key, Listen: listen, QUIC: true, LocalNetwork: true, Metrics: prometheus.NewRegistry()})
	require.NoError(t, err)
	defer h.Close()
	var have []string
	for _, a := range h.Network().ListenAddresses() {
		have = append(have, a.String())
	}
	require.Len(t, listen, 4)
	require.Subset(t, have, listen)
}

func TestMachineWithoutIPv6(t *testing.T) {
	no, yes := func() bool { return false }, func() bool { return true }
	for _, c := range []struct {
		listen, kept []string
		has          func() bool
		missing      bool
	}{
		{[]string{anyIPv4, anyIPv6}, []string{anyIPv4, anyIPv6}, yes, false},
		{[]string{anyIPv4, anyIPv6}, []string{anyIPv4}, no, true},
		{[]string{"/ip6/::/tcp/4001", "/ip4/0.0.0.0/tcp/4001"}, []string{"/ip4/0.0.0.0/tcp/4001"}, no, true},
		{[]string{anyIPv4}, []string{anyIPv4}, no, false},
		// Nothing would be left, or an address was chosen by hand: listening fails, and says so.
		{[]string{anyIPv6}, []string{anyIPv6}, no, false},
		{[]string{anyIPv4, "/ip6/2001:db8::1/tcp/1"}, []string{anyIPv4, "/ip6/2001:db8::1/tcp/1"}, no, false},
	} {
		kept, missing := withoutIPv6(c.listen, c.has)
		require.Equal(t, c.kept, kept)
		require.Equal(t, c.missing, missing, c.listen)
	}
}
