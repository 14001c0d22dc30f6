//go:build linux

package netlab

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/medibloc/pdx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newLab returns a lab of two hosts with a link, where such can be made.
func newLab(t *testing.T, link Link) (a, b *Host, w *Wire) {
	t.Helper()
	if err := Supported(); err != nil {
		t.Skip(err)
	}
	lab, err := New()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lab.Close()) })
	a, err = lab.Host("a")
	require.NoError(t, err)
	b, err = lab.Host("b")
	require.NoError(t, err)
	w, err = lab.Connect(a, b, link)
	require.NoError(t, err)
	return a, b, w
}

// connect returns a TCP connection from a to b.
func connect(t *testing.T, a, b *Host, at netip.Addr) (from, to net.Conn) {
	t.Helper()
	l, err := b.Listen(netip.AddrPortFrom(at, 0).String())
	require.NoError(t, err)
	defer l.Close()
	from, err = a.Dial(l.Addr().String())
	require.NoError(t, err)
	to, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { from.Close(); to.Close() })
	deadline := time.Now().Add(2 * time.Minute)
	require.NoError(t, from.SetDeadline(deadline))
	require.NoError(t, to.SetDeadline(deadline))
	return from, to
}

// carry sends n bytes and requires that they come.
func carry(t *testing.T, from, to net.Conn, n int) time.Duration {
	t.Helper()
	sent := make([]byte, n)
	for i := range sent {
		sent[i] = byte(i * i >> 3)
	}
	start := time.Now()
	go func() { _, _ = from.Write(sent) }()
	got := make([]byte, n)
	_, err := io.ReadFull(to, got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(sent, got))
	return time.Since(start)
}

func TestDelay(t *testing.T) {
	const rtt = 60 * time.Millisecond
	a, b, w := newLab(t, Link{RTT: rtt})
	start := time.Now()
	from, to := connect(t, a, b, w.B)
	require.GreaterOrEqual(t, time.Since(start), rtt, "a connection takes a round trip")
	require.GreaterOrEqual(t, carry(t, from, to, 400<<10), rtt/2)
	require.GreaterOrEqual(t, carry(t, to, from, 400<<10), rtt/2)
	fromA, fromB := w.Stats()
	require.Greater(t, fromA.Bytes, uint64(400<<10))
	require.Greater(t, fromB.Bytes, uint64(400<<10))
	require.Zero(t, fromA.Lost+fromA.Dropped+fromB.Lost+fromB.Dropped)
}

func TestRate(t *testing.T) {
	const rate, n = 16_000_000, 1 << 20
	a, b, w := newLab(t, Link{Rate: rate, MTU: 9000})
	from, to := connect(t, a, b, w.B)
	took := carry(t, from, to, n)
	least := time.Duration(float64(n-burst) * 8 / rate * float64(time.Second))
	require.GreaterOrEqual(t, took, least)
}

func TestLoss(t *testing.T) {
	a, b, w := newLab(t, Link{RTT: time.Millisecond, Loss: 0.02})
	from, to := connect(t, a, b, w.B)
	for lost := uint64(0); lost == 0; {
		carry(t, from, to, 400<<10) // whole all the same
		fromA, fromB := w.Stats()
		lost = fromA.Lost + fromB.Lost
	}
}

// Packets without a place are dropped, not kept.
func TestNoRoom(t *testing.T) {
	a, b, w := newLab(t, Link{RTT: time.Hour})
	var c net.Conn
	require.NoError(t, a.Do(func() (err error) {
		c, err = net.Dial("udp4", netip.AddrPortFrom(w.B, 9).String())
		return err
	}))
	defer c.Close()
	require.NoError(t, b.Sysctl("net.ipv4.icmp_ratelimit", "0"))
	for dropped := uint64(0); dropped == 0; {
		_, err := c.Write(make([]byte, 40<<10))
		require.NoError(t, err)
		fromA, _ := w.Stats()
		dropped = fromA.Dropped
	}
}

// A process runs in the host, not in ours, and a host reaches only what it is linked to.
func TestProcesses(t *testing.T) {
	a, _, w := newLab(t, Link{})
	own, err := os.Readlink(threadNamespace)
	require.NoError(t, err)
	var out bytes.Buffer
	cmd := exec.CommandContext(context.Background(), "readlink", "/proc/self/ns/net")
	cmd.Stdout = &out
	require.NoError(t, a.Start(cmd))
	require.NoError(t, cmd.Wait())
	require.NotEqual(t, own, string(bytes.TrimSpace(out.Bytes())))

	now, err := os.Readlink(threadNamespace)
	require.NoError(t, err)
	require.Equal(t, own, now)
	_, err = a.Dial("198.18.255.255:9")
	require.Error(t, err)
	require.NotEqual(t, w.A, w.B)
}

// Hosts that join a router reach each other by the addresses that they chose, and
// have no other.
func TestRouter(t *testing.T) {
	if err := Supported(); err != nil {
		t.Skip(err)
	}
	lab, err := New()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lab.Close()) })
	internet, err := lab.Router("internet")
	require.NoError(t, err)
	at := []netip.Addr{netip.MustParseAddr("45.1.1.1"), netip.MustParseAddr("45.2.1.1"), netip.MustParseAddr("45.3.1.1")}
	var hosts []*Host
	for _, a := range at {
		h, err := lab.Host(a.String())
		require.NoError(t, err)
		w, err := internet.Join(h, a, Link{})
		require.NoError(t, err)
		require.Equal(t, a, w.A)
		hosts = append(hosts, h)
	}
	for i, a := range hosts {
		for j, b := range hosts {
			if i == j {
				continue
			}
			from, to := connect(t, a, b, at[j])
			carry(t, from, to, 400<<10)
			require.Equal(t, at[i], netip.MustParseAddrPort(from.LocalAddr().String()).Addr())
		}
	}
	_, err = internet.Join(hosts[0], at[0], Link{Loss: 2})
	require.ErrorIs(t, err, pdx.ErrInvalid)
}

func TestBadLinks(t *testing.T) {
	for _, l := range []Link{{RTT: -1}, {Loss: -0.1}, {Loss: 1.1}, {MTU: 100}, {MTU: 1 << 17}, {MTU: -1}} {
		_, err := l.withDefaults()
		require.ErrorIs(t, err, pdx.ErrInvalid, "%+v", l)
	}
	_, _, err := pair(maxLinks)
	require.ErrorIs(t, err, pdx.ErrInvalid)
	a, b, err := pair(maxLinks - 1)
	require.NoError(t, err)
	require.Equal(t, "198.19.255.254 198.19.255.255", a.String()+" "+b.String())
}

func TestTCPSettings(t *testing.T) {
	a, b, _ := newLab(t, Link{})
	require.NoError(t, a.SetTCP(StockTCP))
	require.NoError(t, b.SetTCP(LargeTCP))
	require.Error(t, a.Sysctl("net.ipv4.no_such_thing", "1"))
	got, err := a.Congestion()
	require.NoError(t, err)
	require.Contains(t, StockTCP.Congestion, got)
	require.Error(t, a.SetTCP(TCP{Congestion: []string{"no_such_thing"}}))
	require.NoError(t, a.Do(func() error {
		got, err := os.ReadFile("/proc/sys/net/ipv4/tcp_wmem")
		require.Equal(t, "4096 16384 4194304", string(bytes.Join(bytes.Fields(got), []byte(" "))))
		return err
	}))
}
