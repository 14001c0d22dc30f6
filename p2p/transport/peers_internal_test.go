package transport

import (
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/test"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"
)

// A host made with the options of a node keeps few addresses of one peer, and
// few in all, whatever it is told.
func TestTheAddressBookIsBounded(t *testing.T) {
	h, err := libp2p.New(append(Options(false), libp2p.NoListenAddrs)...)
	require.NoError(t, err)
	defer h.Close()
	book := h.Peerstore()
	for range maxAddrs/maxPeerAddrs + 10 {
		id, err := test.RandPeerID()
		require.NoError(t, err)
		var addrs []multiaddr.Multiaddr
		for port := range 2 * maxPeerAddrs {
			addrs = append(addrs, multiaddr.StringCast(fmt.Sprintf("/ip4/8.8.8.8/tcp/%d", port+1)))
		}
		book.AddAddrs(id, addrs, time.Hour)
		require.LessOrEqual(t, len(book.Addrs(id)), maxPeerAddrs)
	}
	total := 0
	for _, id := range book.PeersWithAddrs() {
		total += len(book.Addrs(id))
	}
	require.Less(t, total, maxAddrs+2*maxPeerAddrs) // the bound is looked at before a whole list is added

	connected, err := test.RandPeerID()
	require.NoError(t, err)
	book.AddAddr(connected, multiaddr.StringCast("/ip4/8.8.8.8/tcp/1"), peerstore.ConnectedAddrTTL)
	require.Len(t, book.Addrs(connected), 1, "connected peers do not share the bound")
}
