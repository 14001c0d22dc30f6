//go:build linux

package netlab

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each kind of NAT lets in what RFC 3489 says, and shows each peer the port that it says.
func TestNATKinds(t *testing.T) {
	if err := NATSupported(); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		kinds                              []NATKind
		otherPort, otherAddress, onePublic bool
	}{
		{nil, true, true, true},
		{[]NATKind{FullCone}, true, true, true},
		{[]NATKind{Restricted}, true, false, true},
		{[]NATKind{PortRestricted}, false, false, true},
		{[]NATKind{Symmetric}, false, false, false},
		{[]NATKind{FullCone, PortRestricted}, false, false, true},
		{[]NATKind{PortRestricted, FullCone}, false, false, true},
		{[]NATKind{FullCone, FullCone}, true, true, true},
	} {
		name := "none"
		for i, k := range c.kinds {
			if name = string(k); i > 0 {
				name = string(c.kinds[0]) + " and " + name
			}
		}
		t.Run(name, func(t *testing.T) {
			lab, err := New()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, lab.Close()) })
			internet, err := lab.Router("internet")
			require.NoError(t, err)
			home, err := lab.Host("home")
			require.NoError(t, err)
			wire, _, err := internet.JoinBehind(home, netip.MustParseAddr("45.1.1.1"), Link{}, c.kinds...)
			require.NoError(t, err)
			peers := []*net.UDPConn{}
			for i, at := range []string{"45.2.1.1", "45.3.1.1"} {
				h, err := lab.Host(at)
				require.NoError(t, err)
				_, err = internet.Join(h, netip.MustParseAddr(at), Link{})
				require.NoError(t, err)
				peers = append(peers, udp(t, h, at))
				if i == 0 {
					peers = append(peers, udp(t, h, at))
				}
			}
			inside := udp(t, home, "0.0.0.0")
			first, again, other := peers[0], peers[1], peers[2]
			public := seen(t, inside, first)
			require.Equal(t, "45.1.1.1", public.Addr().String())
			require.Equal(t, c.otherPort, arrives(t, again, public, inside), "from another port")
			require.Equal(t, c.otherAddress, arrives(t, other, public, inside), "from another address")
			require.True(t, arrives(t, first, public, inside), "from the peer")
			require.Equal(t, c.onePublic, seen(t, inside, other) == public, "the same port for all peers")
			wire.Cut()
			require.False(t, arrives(t, first, public, inside), "the link is cut")
			wire.Heal()
			require.True(t, arrives(t, first, public, inside), "the link is healed")
		})
	}
}

func udp(t *testing.T, h *Host, at string) (c *net.UDPConn) {
	t.Helper()
	require.NoError(t, h.Do(func() (err error) {
		c, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(at)})
		return err
	}))
	t.Cleanup(func() { c.Close() })
	return c
}

// seen returns the address at which a peer sees the socket behind the NAT.
func seen(t *testing.T, inside, peer *net.UDPConn) netip.AddrPort {
	t.Helper()
	_, err := inside.WriteTo([]byte("hello"), peer.LocalAddr())
	require.NoError(t, err)
	require.NoError(t, peer.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, from, err := peer.ReadFromUDPAddrPort(make([]byte, 16))
	require.NoError(t, err)
	return netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
}

// arrives reports whether what a peer sends to an address reaches the socket behind the NAT.
// The lab has no delay: what is not there in 200 ms never comes.
func arrives(t *testing.T, peer *net.UDPConn, to netip.AddrPort, inside *net.UDPConn) bool {
	t.Helper()
	_, err := peer.WriteToUDPAddrPort([]byte("knock"), to)
	require.NoError(t, err)
	require.NoError(t, inside.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	_, _, err = inside.ReadFromUDPAddrPort(make([]byte, 16))
	return err == nil
}
