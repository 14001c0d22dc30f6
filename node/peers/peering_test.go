package peers_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/p2p/connmgr"
	"github.com/medibloc/pdx/p2p/transport"
)

// The peers of a peering are dialled, and their connections are protected from being cut.
func TestPeering(t *testing.T) {
	manager, err := connmgr.New(connmgr.Config{})
	require.NoError(t, err)
	made := func(more ...libp2p.Option) host.Host {
		options := append(transport.Options(false), libp2p.DisableMetrics(), libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
		h, err := libp2p.New(append(options, more...)...)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, h.Close()) })
		return h
	}
	h, there, gone := made(libp2p.ConnectionManager(manager)), made(), made()
	list := []peer.AddrInfo{{ID: there.ID(), Addrs: there.Addrs()}, {ID: gone.ID(), Addrs: gone.Addrs()}}
	require.NoError(t, gone.Network().Close())
	p := peers.NewPeering(h, list, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	require.Eventually(t, func() bool { connected, _ := p.Connected(); return connected == 1 }, time.Minute, 10*time.Millisecond)
	_, all := p.Connected()
	require.Equal(t, 2, all)
	require.True(t, manager.IsProtected(there.ID(), "pdx.peering"))
	cancel()
	<-done
}
