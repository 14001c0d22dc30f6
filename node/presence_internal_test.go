package node

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/node/home"
)

// What an earlier run announced is withdrawn when it is no longer wanted, and
// stays announced when it is.
func TestPresenceResumesAnEarlierRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), home.NetworkFile)
	run := func(announce func(*discovery.Discovery)) {
		store, err := netdb.Open(t.Context(), path, slog.Default())
		require.NoError(t, err)
		h, err := libp2p.New(libp2p.NoListenAddrs)
		require.NoError(t, err)
		d, err := discovery.New(h, discovery.Options{ChainID: "pdx-test-1", Store: store})
		require.NoError(t, err)
		announce(d)
		require.NoError(t, h.Close())
		require.NoError(t, store.Close())
	}
	ended, goesOn := pdx.ContentID{1}, pdx.ContentID{2}
	run(func(d *discovery.Discovery) {
		require.NoError(t, d.Announce(t.Context(), 1, pdx.RoleSeller))
		require.NoError(t, d.Announce(t.Context(), 2, pdx.RoleSeller))
		require.NoError(t, d.AnnounceContent(t.Context(), ended))
		require.NoError(t, d.AnnounceContent(t.Context(), goesOn))
	})
	run(func(d *discovery.Discovery) {
		p := &presence{discovery: d, log: slog.Default(), memberships: map[membership]bool{}, blobs: map[pdx.ContentID]bool{}}
		p.resume(t.Context())
		p.announce(t.Context(), map[membership]bool{{2, pdx.RoleSeller}: true})
		p.announceBlobs(t.Context(), map[pdx.ContentID]bool{goesOn: true})
		all, err := d.Announced(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, []discovery.Announcement{{Pool: 2, Role: pdx.RoleSeller}, {Content: goesOn}}, all)
	})
}
