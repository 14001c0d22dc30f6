package health_test

import (
	"testing"

	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/health"
)

func TestAccess(t *testing.T) {
	require.Empty(t, health.Access(0, 0, 0))
	require.Equal(t, "p2p.deny has 1 entry; refused 7 times since the start", health.Access(0, 1, 7)[0].Message)
	require.Contains(t, health.Access(2, 0, 0)[0].Message, "p2p.allow has 2 entries and p2p.deny has 0 entries")
}

func TestPeering(t *testing.T) {
	require.Empty(t, health.Peering(0, 0))
	require.True(t, health.Peering(2, 2)[0].OK)
	h := health.Peering(1, 2)[0]
	require.False(t, h.OK)
	require.Contains(t, h.Message, "1 of 2 peers of p2p.peering connected; the others")
}

func TestWebSocket(t *testing.T) {
	tcp, ws := multiaddr.StringCast("/ip4/192.0.2.1/tcp/4001"), multiaddr.StringCast("/ip4/192.0.2.1/tcp/4002/ws")
	require.Empty(t, health.WebSocket([]multiaddr.Multiaddr{tcp}))
	require.Equal(t, "peers in a browser connect at /ip4/192.0.2.1/tcp/4002/ws", health.WebSocket([]multiaddr.Multiaddr{tcp, ws})[0].Message)
}
