package discovery

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// localPeers takes what mDNS finds; it never blocks the finder.
type localPeers chan peer.AddrInfo

// HandlePeerFound queues a peer for dialling, or drops it when many wait.
func (found localPeers) HandlePeerFound(p peer.AddrInfo) {
	select {
	case found <- p:
	default:
	}
}

// startLocalPeers answers and asks on the local network until ctx ends. The
// service name holds a hash of the chain id, which may be too long for a label.
func (d *Discovery) startLocalPeers(ctx context.Context) error {
	found := make(localPeers, localPeersQueue)
	sum := sha256.Sum256([]byte(d.opt.ChainID))
	service := mdns.NewMdnsService(d.host, fmt.Sprintf("_pdx-%x._udp", sum[:4]), found)
	if err := service.Start(); err != nil {
		return fmt.Errorf("start mDNS: %w", err)
	}
	d.wg.Go(func() {
		defer service.Close()
		for {
			select {
			case <-ctx.Done():
				return
			case p := <-found:
				d.dialRound(ctx, []peer.AddrInfo{p})
			}
		}
	})
	return nil
}
