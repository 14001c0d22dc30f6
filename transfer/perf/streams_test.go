package perf_test

import (
	"encoding/binary"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/p2p/multiconn"
	"github.com/medibloc/pdx/transfer/perf"
)

// endless is a rate for which loopback needs all connections.
const endless = 1e18

// widened measures and requires that all connections there may be carry it, that
// every byte is counted once, and that one connection is left.
func widened(t *testing.T, asker, answerer host.Host) {
	t.Helper()
	const up, down = 8<<20 + 3, 9<<20 + 5
	total, most := map[perf.Direction]uint64{}, 0
	require.NoError(t, perf.PerfAt(t.Context(), endless, asker, chain, answerer.ID(), up, down, func(s perf.Sample) {
		require.GreaterOrEqual(t, s.Bytes, total[s.Direction])
		total[s.Direction] = s.Bytes
		most = max(most, len(answerer.Network().ConnsToPeer(asker.ID())))
	}))
	require.Equal(t, map[perf.Direction]uint64{perf.Up: up, perf.Down: down}, total)
	require.Equal(t, multiconn.MaxConns, most)
	require.Eventually(t, func() bool { return len(answerer.Network().ConnsToPeer(asker.ID())) == 1 },
		20*time.Second, 5*time.Millisecond, "one is left")
}

func TestPerfOverAsManyConnectionsAsAPull(t *testing.T) {
	answerer := newHostOn(t, multiconn.NewTCP)
	serve(t, answerer, everybody)
	widened(t, meet(newHostOn(t, multiconn.NewTCP), answerer), answerer)
}

// TestPerfOfWhoDialled: nobody knows the round trip yet.
func TestPerfOfWhoDialled(t *testing.T) {
	answerer, asker := newHostOn(t, multiconn.NewTCP), newHostOn(t, multiconn.NewTCP)
	serve(t, answerer, everybody)
	require.NoError(t, answerer.Connect(t.Context(), peer.AddrInfo{ID: asker.ID(), Addrs: asker.Addrs()}))
	widened(t, asker, answerer)
}

// lets answers a stream as a Server does.
func lets(s network.Stream) {
	var head [16]byte
	if _, err := io.ReadFull(s, head[:]); err != nil {
		return
	}
	_, _ = s.Write([]byte{0})
	_, _ = io.CopyN(io.Discard, s, int64(binary.BigEndian.Uint64(head[:])))
	_, _ = s.Write(make([]byte, 1+binary.BigEndian.Uint64(head[8:])))
	_ = s.Close()
}

// TestAPeerThatLetsOneStreamIn: the first counts, however the others fail.
func TestAPeerThatLetsOneStreamIn(t *testing.T) {
	for name, deny := range map[string]func(network.Stream){
		"busy":         func(s network.Stream) { _, _ = s.Write([]byte{1}); _ = s.Close() },
		"rate limited": func(s network.Stream) { _ = s.ResetWithError(network.StreamRateLimited) },
		"silent":       func(s network.Stream) { _ = s.Close() },
		"broken off":   func(s network.Stream) { _, _ = s.Write([]byte{0}); _ = s.Reset() },
	} {
		t.Run(name, func(t *testing.T) {
			answerer := newHost(t)
			var streams atomic.Int32
			answerer.SetStreamHandler(perf.Protocol(chain), func(s network.Stream) {
				if streams.Add(1) > 1 {
					deny(s)
					return
				}
				lets(s)
			})
			last := map[perf.Direction]perf.Sample{}
			require.NoError(t, perf.Perf(t.Context(), meet(newHost(t), answerer), chain, answerer.ID(), 4<<20+1, 8<<20+3,
				func(s perf.Sample) { last[s.Direction] = s }))
			require.EqualValues(t, multiconn.Streams, streams.Load())
			require.GreaterOrEqual(t, last[perf.Up].Bytes, uint64(1<<20+1), "its own share")
			require.EqualValues(t, 2<<20+3, last[perf.Down].Bytes)
			require.True(t, last[perf.Up].Done && last[perf.Down].Done)
		})
	}
}

// TestASmallMeasurementHasOneStream, and no byte is asked for twice.
func TestASmallMeasurementHasOneStream(t *testing.T) {
	answerer := newHost(t)
	var streams atomic.Int32
	answerer.SetStreamHandler(perf.Protocol(chain), func(s network.Stream) { streams.Add(1); lets(s) })
	require.NoError(t, perf.Perf(t.Context(), meet(newHost(t), answerer), chain, answerer.ID(), 1, 1, nil))
	require.EqualValues(t, 1, streams.Load())
}
