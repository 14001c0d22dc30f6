package discovery

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
)

var (
	testStart = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	one       = client{"peer one", netip.MustParsePrefix("8.8.8.8/32")}
)

// A peer that sends for ever is slowed down to its rate and refused nothing.
func TestOneStreamIsSlowedDown(t *testing.T) {
	l, at := newLimiter(), testStart
	for range 2 * peerBurst {
		delay, ok := l.take(one, 1, at)
		require.True(t, ok)
		at = at.Add(delay)
	}
	require.InDelta(t, peerBurst/peerRate, at.Sub(testStart).Seconds(), 1)
}

// 10,000 keys at once, as a sweeping provider sends them to a server that holds
// all of them, wait for nothing, and again with the next cycle.
func TestAnHonestReprovideFitsTheBurst(t *testing.T) {
	l := newLimiter()
	for cycle := range 3 {
		at := testStart.Add(time.Duration(cycle) * reprovideInterval)
		for range 10_000 {
			delay, ok := l.take(one, requestTokens(300), at)
			require.True(t, ok)
			require.Zero(t, delay)
		}
	}
}

// Peer ids are free: those of one address share its rate.
func TestPeersOfAnAddressShareItsRate(t *testing.T) {
	l, taken := newLimiter(), 0
	for i := range 100 {
		c := client{peer.ID(rune('a' + i)), one.group}
		for {
			delay, ok := l.take(c, 1, testStart)
			if !ok || delay > 0 {
				break
			}
			taken++
		}
	}
	require.InDelta(t, groupBurst, taken, 100) // each peer that ran dry took one more
	delay, ok := l.take(client{"elsewhere", netip.MustParsePrefix("8.8.4.4/32")}, 1, testStart)
	require.True(t, ok)
	require.Zero(t, delay)
}

// Whoever has more under way than can be waited for is refused, and pays nothing
// for the refusal.
func TestWhatCannotWaitIsRefused(t *testing.T) {
	l := newLimiter()
	l.charge(one, peerBurst, testStart)
	_, ok := l.take(one, peerRate*int(maxDelay.Seconds())+1, testStart)
	require.False(t, ok)
	delay, ok := l.take(one, peerRate, testStart)
	require.True(t, ok)
	require.Equal(t, time.Second, delay)
}

func TestStreamsAreCounted(t *testing.T) {
	l := newLimiter()
	for range maxPeerStreams {
		require.True(t, l.enter(one))
	}
	require.False(t, l.enter(one))
	l.leave(one)
	require.True(t, l.enter(one))
	for range maxPeerStreams {
		l.leave(one)
	}
	for i := range maxGroupStreams {
		require.True(t, l.enter(client{peer.ID(rune('a' + i)), one.group}))
	}
	require.False(t, l.enter(one))
	for i := range maxGroupStreams {
		l.leave(client{peer.ID(rune('a' + i)), one.group})
	}
	require.Empty(t, l.open)
}

// byteStream is a network stream of bytes, for the reader alone.
type byteStream struct {
	network.Stream
	io.Reader
}

func (s byteStream) Read(p []byte) (int, error) { return s.Reader.Read(p) }

func metered(t testing.TB, wire []byte) *meteredStream {
	s := byteStream{Reader: bytes.NewReader(wire)}
	host := servingHost{ctx: t.Context(), limiter: newLimiter(), metrics: unregistered}
	return &meteredStream{Stream: s, in: bufio.NewReader(s), host: host, client: one}
}

var unregistered, _ = newMetrics(nil)

// Whatever bytes come, the DHT sees whole messages within the bound, as sent.
func FuzzMeteredStream(f *testing.F) {
	f.Add([]byte{3, 1, 2, 3, 0, 1, 9})
	f.Add(binary.AppendUvarint(nil, maxMessage+1))
	f.Add([]byte{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80})
	f.Fuzz(func(t *testing.T, wire []byte) {
		if len(wire) > peerBurst {
			return
		}
		got, err := io.ReadAll(metered(t, wire))
		want, whole := messages(wire)
		require.True(t, bytes.HasPrefix(got, want))
		require.Equal(t, whole, err == nil)
	})
}

// messages returns the leading part of wire that consists of whole allowed messages,
// with lengths in their shortest form, and whether that is all of it.
func messages(wire []byte) (whole []byte, all bool) {
	for len(wire) > 0 {
		size, n := binary.Uvarint(wire)
		if n <= 0 || size > maxMessage || size > uint64(len(wire)-n) {
			return whole, false
		}
		whole = append(binary.AppendUvarint(whole, size), wire[n:n+int(size)]...)
		wire = wire[n+int(size):]
	}
	return whole, true
}

func TestPeersThatLeftAreBounded(t *testing.T) {
	l, forgotten := newLeft(), 0
	crowd := netip.MustParsePrefix("8.8.4.4/32")
	require.Empty(t, l.add("honest", one.group))
	for i := range 10 * maxGroupLeft {
		forgotten += len(l.add(peer.ID(rune('a'+i)), crowd))
	}
	require.Equal(t, 9*maxGroupLeft, forgotten)
	require.Equal(t, maxGroupLeft+1, l.order.Len())
	require.Empty(t, l.add("honest", one.group), "who comes again is counted once")
	for i := range 2 * maxLeft {
		l.add(peer.ID(rune(0x1000+i)), netip.PrefixFrom(netip.AddrFrom4([4]byte{9, 0, byte(i >> 8), byte(i)}), 32))
	}
	require.Equal(t, maxLeft, l.order.Len())
	require.LessOrEqual(t, len(l.groups), maxLeft)
}
