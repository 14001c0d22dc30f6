package scale

import (
	"context"
	"encoding/binary"
	"log/slog"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/netdb"
)

// A Holder is a node that announces many ciphertexts, and can be switched off and on again.
type Holder struct {
	managedHost
	network   *Network
	store     *netdb.DB
	discovery *discovery.Discovery // nil while it is off
	blobs     []pdx.ContentID
}

// NewHolder adds a holder of a number of ciphertexts, which is off.
func (n *Network) NewHolder(blobs int) *Holder {
	n.t.Helper()
	store, err := netdb.OpenMemory(context.Background(), slog.New(slog.DiscardHandler))
	require.NoError(n.t, err)
	h := &Holder{managedHost: n.newHost(), network: n, store: store}
	for i := range blobs {
		var id pdx.ContentID
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		h.blobs = append(h.blobs, id)
	}
	return h
}

// Start switches the holder on.
func (h *Holder) Start() {
	t, ctx := h.network.t, context.Background()
	t.Helper()
	var err error
	h.discovery, err = discovery.New(h.managedHost, discovery.Options{
		ChainID: chainID, Mode: discovery.ModeClient, Store: h.store,
		Seeds: func(context.Context) ([]peer.AddrInfo, error) { return h.network.known(&h.network.seeds), nil },
	})
	require.NoError(t, err)
	require.NoError(t, h.discovery.Start(ctx))
	announced, err := h.discovery.Announced(ctx)
	require.NoError(t, err)
	for _, id := range h.blobs[len(announced):] {
		require.NoError(t, h.discovery.AnnounceContent(ctx, id))
	}
}

// Stop switches the holder off. Its store stays.
func (h *Holder) Stop() {
	h.network.t.Helper()
	require.NoError(h.network.t, h.discovery.Stop(context.Background()))
	h.discovery = nil
}

// End ends the holder.
func (h *Holder) End() {
	t := h.network.t
	t.Helper()
	if h.discovery != nil {
		h.Stop()
	}
	require.NoError(t, h.store.Close())
	require.NoError(t, h.conns.Close())
}

// Found returns how many of its ciphertexts another node finds with the holder.
func (h *Holder) Found() (found int) {
	h.network.t.Helper()
	for _, id := range h.blobs {
		infos, err := h.network.honest[0].discovery.FindContent(context.Background(), id)
		require.NoError(h.network.t, err)
		if slices.ContainsFunc(infos, func(p peer.AddrInfo) bool { return p.ID == h.ID() && len(p.Addrs) > 0 }) {
			found++
		}
	}
	return found
}
