//go:build linux

package netlab

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A host that moves, again and again, is reached by its last address and by no other; what
// it begins comes from there, and its old connections are silent.
func TestMove(t *testing.T) {
	if err := Supported(); err != nil {
		t.Skip(err)
	}
	lab, err := New()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lab.Close()) })
	internet, err := lab.Router("internet")
	require.NoError(t, err)
	stays, err := lab.Host("stays")
	require.NoError(t, err)
	moves, err := lab.Host("moves")
	require.NoError(t, err)
	still, at := netip.MustParseAddr("45.1.1.1"), netip.MustParseAddr("45.2.1.1")
	_, err = internet.Join(stays, still, Link{})
	require.NoError(t, err)
	wire, err := internet.Join(moves, at, Link{})
	require.NoError(t, err)
	for i := range 3 {
		before, beforeFrom := connect(t, stays, moves, at)
		carry(t, before, beforeFrom, 4<<10)
		old := at
		at = netip.AddrFrom4([4]byte{46, 0, byte(i), 1})
		require.NoError(t, internet.Move(moves, wire, at))
		require.Equal(t, at, wire.A)

		from, to := connect(t, stays, moves, at)
		carry(t, from, to, 400<<10)
		from, to = connect(t, moves, stays, still)
		carry(t, from, to, 400<<10)
		require.Equal(t, at, netip.MustParseAddrPort(from.LocalAddr().String()).Addr())
		_, err = moves.Listen(netip.AddrPortFrom(old, 0).String())
		require.Error(t, err, "the old address is gone")
		_, err = before.Write([]byte("to nobody"))
		require.NoError(t, err)
		require.NoError(t, beforeFrom.SetReadDeadline(time.Now()))
		_, err = beforeFrom.Read(make([]byte, 1))
		require.Error(t, err)
	}
	require.Error(t, internet.Move(stays, wire, at), "that is not its link")
}

// A relay that hangs still accepts connections, and passes on later what came meanwhile.
func TestRelay(t *testing.T) {
	target, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	defer target.Close()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	relay := NewRelay(listener, func() (net.Conn, error) { return net.Dial("tcp4", target.Addr().String()) })
	defer relay.Close()
	open := func() net.Conn {
		c, err := net.Dial("tcp4", relay.At)
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	first := open()
	firstTo, err := target.Accept()
	require.NoError(t, err)
	defer firstTo.Close()
	carry(t, first, firstTo, 100<<10)
	carry(t, firstTo, first, 100<<10)

	relay.Hang()
	relay.Hang()
	second := open()
	for _, c := range []net.Conn{first, second} {
		_, err := c.Write([]byte("later"))
		require.NoError(t, err)
	}
	relay.Resume()
	relay.Resume()
	secondTo, err := target.Accept()
	require.NoError(t, err)
	defer secondTo.Close()
	for _, c := range []net.Conn{firstTo, secondTo} {
		got := make([]byte, 5)
		_, err := c.Read(got)
		require.NoError(t, err)
		require.Equal(t, "later", string(got))
	}

	require.NoError(t, secondTo.Close())
	_, err = second.Read(make([]byte, 1))
	require.Error(t, err, "an end ends the other side")
	relay.Close()
	_, err = firstTo.Read(make([]byte, 1))
	require.Error(t, err)
}
