package transfer

import (
	"context"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	circuit "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/transfer/blob/blobtest"
	"github.com/medibloc/pdx/transfer/blob/mem"
)

// behindRelay connects to to from over a relay, and in no other way.
func behindRelay(t *testing.T) (to, from host.Host) {
	middle := newHost(t, libp2p.ForceReachabilityPublic())
	r, err := relay.New(middle)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	to, from = newHost(t, libp2p.EnableRelay()), newHost(t, libp2p.EnableRelay())
	at := peer.AddrInfo{ID: middle.ID(), Addrs: middle.Addrs()}
	require.NoError(t, from.Connect(t.Context(), at))
	require.NoError(t, to.Connect(t.Context(), at))
	_, err = circuit.Reserve(t.Context(), from, at)
	require.NoError(t, err)
	through := multiaddr.StringCast("/p2p/" + middle.ID().String() + "/p2p-circuit")
	ctx := network.WithAllowLimitedConn(t.Context(), "test")
	require.NoError(t, to.Connect(ctx, peer.AddrInfo{ID: from.ID(), Addrs: []multiaddr.Multiaddr{through}}))
	require.Equal(t, network.Limited, to.Network().Connectedness(from.ID()))
	return to, from
}

// No blob is moved over a relay: a client opens no stream there, and a server resets those
// that come.
func TestNothingIsRelayed(t *testing.T) {
	to, from := behindRelay(t)
	there := mem.New()
	id := blobtest.Add(t, there, blobtest.Bytes(16, 1))
	serve(t, from, there, everybody)
	client := newClient(t, ClientConfig{Host: to, Store: mem.New()}, func(l *clientLimits) { l.dialTime = 500 * time.Millisecond })
	err := client.Pull(t.Context(), from.ID(), id, 16, nil)
	requirePeer(t, err, from.ID(), pdx.ErrUnavailable)
	require.ErrorContains(t, err, "relayed")
	require.NotErrorIs(t, err, context.DeadlineExceeded, "that is the caller's")

	s, err := to.NewStream(network.WithAllowLimitedConn(t.Context(), "test"), from.ID(), Protocol(chain))
	if err == nil {
		require.NoError(t, s.SetDeadline(time.Now().Add(10*time.Second)))
		_, err = s.Read(make([]byte, 1))
	}
	require.ErrorIs(t, err, network.ErrReset)
}
