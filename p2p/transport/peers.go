package transport

import (
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
)

// MaxLeft is the largest number of disconnected peers whose addresses are kept, for
// libp2p's 15 minutes and at most 20 of about 300 bytes for each peer. Package
// discovery removes those of further peers.
const MaxLeft = 1024

// What the peerstore keeps of others, in memory. Addresses of connected peers
// come beside: connections are bounded by the resource manager, and identify
// takes 500 addresses of each at most.
const (
	// maxAddrs bounds the addresses of peers that are not connected, about 300
	// bytes each: 20 of each peer that left (MaxLeft bounds these), and
	// twice as many from answers of the DHT, which are kept for 2 minutes. Libp2p's
	// own is 1,000,000.
	maxAddrs = 3 * 20 * MaxLeft
	// maxPeerAddrs bounds those of one peer: identify leaves 20 of a peer that
	// disconnects, answers of the DHT add 16.
	maxPeerAddrs = 36
	// maxRecords bounds signed address records, up to 8 KiB each; each connected
	// peer and each that has left may have one.
	maxRecords = allConns + MaxLeft
	// maxProtocols bounds the protocols of one peer; a pdx node speaks about 20.
	maxProtocols = 64
)

// addressBook gives the host its peerstore.
func addressBook(cfg *libp2p.Config) error {
	book, err := pstoremem.NewPeerstore(
		pstoremem.WithMaxAddresses(maxAddrs), pstoremem.WithMaxAddressesPerPeer(maxPeerAddrs),
		pstoremem.WithMaxSignedPeerRecords(maxRecords), pstoremem.WithMaxProtocols(maxProtocols))
	if err != nil {
		return err
	}
	return cfg.Apply(libp2p.Peerstore(book))
}
