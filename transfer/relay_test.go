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

// Nobody is relayed unawares: both sides must have said that they are willing.
func TestRelayedOnlyWhenAllowed(t *testing.T) {
	for _, c := range []struct {
		name           string
		client, server bool
		want           error
		says           string
	}{
		{"client unwilling", false, true, pdx.ErrUnavailable, "relayed"},
		{"server unwilling", true, false, pdx.ErrUnavailable, "reset"},
		{"both willing", true, true, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			to, from := behindRelay(t)
			there, here := mem.New(), mem.New()
			data := blobtest.Bytes(16, 1)
			id := blobtest.Add(t, there, data)
			var opts []Option
			if c.server {
				opts = append(opts, WithRelayed())
			}
			serve(t, from, there, everybody, opts...)
			client := newClient(t, ClientConfig{Host: to, Store: here, Relayed: c.client},
				func(l *clientLimits) { l.dialTime = 500 * time.Millisecond })
			err := client.Pull(t.Context(), from.ID(), id, 16, nil)
			if c.want == nil {
				require.NoError(t, err)
				blobtest.RequireWhole(t, here, data)
				return
			}
			requirePeer(t, err, from.ID(), c.want)
			require.ErrorContains(t, err, c.says)
			require.NotErrorIs(t, err, context.DeadlineExceeded, "that is the caller's")
		})
	}
}
