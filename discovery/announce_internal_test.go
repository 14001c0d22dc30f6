package discovery

import (
	"context"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

// A node that knows nobody and wants to be found must not sit out its backoff,
// which grows to a minute.
func TestAnnouncingLooksForPeersAtOnce(t *testing.T) {
	h, err := libp2p.New(libp2p.NoListenAddrs)
	require.NoError(t, err)
	defer h.Close()
	d, err := New(h, Options{ChainID: "pdx-test-1"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Stop(context.Background())) })
	require.Empty(t, d.wake)
	require.NoError(t, d.Announce(t.Context(), 7, pdx.RoleBuyer))
	require.Len(t, d.wake, 1)
}
