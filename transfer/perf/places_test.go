package perf_test

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/perf"
)

// ask asks for down bytes on one stream, takes none of them, and returns the answer.
func ask(t *testing.T, asker, answerer host.Host, down uint64) (network.Stream, byte) {
	t.Helper()
	stream, err := asker.NewStream(t.Context(), answerer.ID(), perf.Protocol(chain))
	require.NoError(t, err)
	t.Cleanup(func() { _ = stream.Reset() })
	_, err = stream.Write(binary.BigEndian.AppendUint64(make([]byte, 8), down))
	require.NoError(t, err)
	answer := make([]byte, 1)
	_, err = io.ReadFull(stream, answer)
	require.NoError(t, err)
	return stream, answer[0]
}

// stall opens a measurement and takes nothing of it.
func stall(t *testing.T, asker, answerer host.Host) network.Stream {
	t.Helper()
	stream, answer := ask(t, asker, answerer, 4<<20)
	require.Zero(t, answer)
	return stream
}

// TestTwoThatStallHoldAllPlaces: a third peer is told so at once, and is served when
// one of them has gone, but not when it has a stream left.
func TestTwoThatStallHoldAllPlaces(t *testing.T) {
	third, answerer := pair(t, everybody)
	first, second := meet(newHost(t), answerer), meet(newHost(t), answerer)
	stays, goes := stall(t, first, answerer), stall(t, first, answerer)
	stall(t, second, answerer)
	require.NoError(t, goes.Reset())
	perf := func() error { return perf.Perf(t.Context(), third, chain, answerer.ID(), 1, 1, nil) }
	err := perf()
	require.ErrorIs(t, err, pdx.ErrUnavailable)
	require.ErrorContains(t, err, "try again")
	require.NoError(t, stays.Reset())
	require.Eventually(t, func() bool { return perf() == nil }, 20*time.Second, 100*time.Millisecond)
}

// TestOnePeerHasSoManyStreams: one more is told that it is busy, and takes nothing
// from another peer.
func TestOnePeerHasSoManyStreams(t *testing.T) {
	asker, answerer := pair(t, everybody)
	for range perf.MaxStreams {
		stall(t, asker, answerer)
	}
	_, answer := ask(t, asker, answerer, 1)
	require.EqualValues(t, 1, answer)
	require.ErrorIs(t, perf.Perf(t.Context(), asker, chain, answerer.ID(), 1, 1, nil), pdx.ErrUnavailable)
	require.NoError(t, perf.Perf(t.Context(), meet(newHost(t), answerer), chain, answerer.ID(), 1, 1, nil))
}

// TestPerfAsksAgainTooSoon: an address has four measurements of MaxBytes at once, be
// they on one stream each, and so many more of which each is small.
func TestPerfAsksAgainTooSoon(t *testing.T) {
	for name, bytes := range map[string]struct {
		each uint64
		free int
	}{"large": {perf.MaxBytes, 4}, "small": {1, 4 * perf.MaxStreams}} {
		t.Run(name, func(t *testing.T) {
			asker, answerer := pair(t, everybody)
			for range bytes.free {
				stream, answer := ask(t, asker, answerer, bytes.each)
				require.Zero(t, answer)
				require.NoError(t, stream.Reset())
			}
			require.Eventually(t, func() bool { // at once, unless this machine took seconds to get here
				err := perf.Perf(t.Context(), asker, chain, answerer.ID(), 0, perf.MaxBytes, nil)
				return errors.Is(err, pdx.ErrUnavailable)
			}, 20*time.Second, time.Millisecond)
		})
	}
}
