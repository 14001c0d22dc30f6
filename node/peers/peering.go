package peers

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// peeringEvery is the interval between checks of the peering, and the pause before a peer
	// that does not answer is dialled again.
	peeringEvery = 10 * time.Second
	// peeringTag protects the connections of the peering.
	peeringTag = "pdx.peering"
)

// Peering keeps a node connected to some peers.
type Peering struct {
	host  host.Host
	peers []peer.AddrInfo
	log   *slog.Logger
}

// NewPeering returns a Peering that does nothing yet.
func NewPeering(h host.Host, peers []peer.AddrInfo, log *slog.Logger) *Peering {
	return &Peering{host: h, peers: peers, log: log}
}

// Run dials the peers that are not connected, again and again, until ctx ends.
func (p *Peering) Run(ctx context.Context) {
	for _, info := range p.peers {
		p.host.ConnManager().Protect(info.ID, peeringTag)
	}
	tick := time.NewTicker(peeringEvery)
	defer tick.Stop()
	for len(p.peers) > 0 {
		p.dial(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *Peering) dial(ctx context.Context) {
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, peeringTag), GreetTimeout)
	defer cancel()
	var dials sync.WaitGroup
	defer dials.Wait()
	for _, info := range p.peers {
		if p.host.Network().Connectedness(info.ID) == network.Connected {
			continue
		}
		dials.Go(func() {
			if err := p.host.Connect(ctx, info); err != nil {
				p.log.DebugContext(ctx, "peer of p2p.peering not reached", "peer_id", info.ID, "error", err)
			}
		})
	}
}

// Connected returns how many of the peers are connected, and how many there are.
func (p *Peering) Connected() (connected, all int) {
	for _, info := range p.peers {
		if p.host.Network().Connectedness(info.ID) == network.Connected {
			connected++
		}
	}
	return connected, len(p.peers)
}
