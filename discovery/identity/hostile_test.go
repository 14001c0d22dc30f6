package identity_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/discovery/identity/identitytest"
)

// A peer that opens streams and stalls holds its few places, is sent away with
// the rest, and keeps nobody else out.
func TestStalledGreetingsAreBounded(t *testing.T) {
	victim, hostile, honest := newHost(t), newHost(t), newHost(t)
	s := start(t, victim, identitytest.New("bob"))
	sh := start(t, honest, identitytest.New("alice"))
	connect(t, hostile, victim)
	connect(t, honest, victim)

	var stalled []network.Stream
	for range 20 {
		stream, err := hostile.NewStream(t.Context(), victim.ID(), hello1)
		require.NoError(t, err)
		_, err = stream.Write([]byte{33}) // the length of a challenge that never comes
		require.NoError(t, err)
		stalled = append(stalled, stream)
	}
	require.Eventually(t, func() bool { return s.Served() == identity.MaxStreamsPerPeer }, patience, glance)
	reset := 0
	for _, stream := range stalled {
		require.NoError(t, stream.SetReadDeadline(time.Now().Add(time.Second/4)))
		_, err := stream.Read(make([]byte, 1))
		if errors.Is(err, network.ErrReset) {
			reset++
		}
		_ = stream.Reset()
	}
	require.Equal(t, len(stalled)-identity.MaxStreamsPerPeer, reset)

	_, err := sh.Account(t.Context(), victim.ID())
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Served() == 0 }, patience, glance)
}

func TestStalledGreetingsEnd(t *testing.T) {
	victim, hostile := newHost(t), newHost(t)
	s, err := identity.New(identity.Config{Host: victim, ChainID: chainID, Signer: identitytest.New("bob")})
	require.NoError(t, err)
	s.HandshakesWithin(100 * time.Millisecond)
	require.NoError(t, s.Start(t.Context()))
	connect(t, hostile, victim)

	stream, err := hostile.NewStream(t.Context(), victim.ID(), hello1)
	require.NoError(t, err)
	_, err = stream.Write([]byte{33})
	require.NoError(t, err)
	_, err = stream.Read(make([]byte, 1))
	require.ErrorIs(t, err, network.ErrReset)
	require.Eventually(t, func() bool { return s.Served() == 0 }, patience, glance)
	require.NoError(t, s.Stop(t.Context()))
}

func TestStopEndsStalledGreetings(t *testing.T) {
	victim, hostile := newHost(t), newHost(t)
	s, err := identity.New(identity.Config{Host: victim, ChainID: chainID, Signer: identitytest.New("bob")})
	require.NoError(t, err)
	s.HandshakesWithin(24 * time.Hour) // whoever waits for the greeting never returns
	require.NoError(t, s.Start(t.Context()))
	connect(t, hostile, victim)
	stream, err := hostile.NewStream(t.Context(), victim.ID(), hello1)
	require.NoError(t, err)
	_, err = stream.Write([]byte{33})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Served() == 1 }, patience, glance)
	require.NoError(t, s.Stop(t.Context()))
}

func TestGreetingsAreRated(t *testing.T) {
	victim, hostile := newHost(t), newHost(t)
	start(t, victim, identitytest.New("bob"))
	connect(t, hostile, victim)
	require.Eventually(t, func() bool {
		stream, err := hostile.NewStream(t.Context(), victim.ID(), hello1)
		if err != nil {
			return false
		}
		defer stream.Reset() // it may be gone
		_, err = stream.Write([]byte{0})
		if err == nil {
			_, err = io.ReadAll(stream)
		}
		var end *network.StreamError
		return errors.As(err, &end) && end.ErrorCode == network.StreamRateLimited
	}, patience, time.Millisecond)
}

func TestGarbageIsRefused(t *testing.T) {
	victim, hostile := newHost(t), newHost(t)
	s := start(t, victim, identitytest.New("bob"))
	connect(t, hostile, victim)
	for _, garbage := range [][]byte{
		{0xff, 0xff, 0xff, 0xff, 0x0f}, // a frame of 4 GiB
		{0x00},                         // an empty hello
		append([]byte{0x05}, "\xff\xff\xff\xff\xff"...), // no protobuf
		append([]byte{0x80, 0x10}, make([]byte, identity.MaxFrame*2)...),
		append([]byte{0xa2, 0x00, 0x0a, 0x20}, make([]byte, 32)...), // a length that is not minimal
	} {
		stream, err := hostile.NewStream(t.Context(), victim.ID(), hello1)
		require.NoError(t, err)
		_, err = stream.Write(garbage)
		require.NoError(t, err)
		_, err = io.ReadAll(stream)
		require.ErrorIs(t, err, network.ErrReset)
	}
	require.Eventually(t, func() bool { return s.Served() == 0 }, patience, glance)
}
