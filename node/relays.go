package node

import (
	"context"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/node/relaying"
)

// circuits is called by the host before it asks a relay for a circuit, also before the node is
// wired.
type circuits struct {
	relaying atomic.Pointer[relaying.Relaying]
}

// before greets the relay.
func (c *circuits) before(ctx context.Context, relay peer.ID) {
	if r := c.relaying.Load(); r != nil {
		r.BeforeCircuit(ctx, relay)
	}
}

// wireRelaying adds what relays and is relayed. On a local network everybody reaches
// everybody.
func (n *Node) wireRelaying(context.Context) (err error) {
	if n.cfg.P2P.LocalNetwork {
		return nil
	}
	n.relaying, err = relaying.New(relaying.Config{
		Host: n.host, Settings: n.cfg.Relay, Account: n.Account(), Unlisted: n.cfg.P2P.Unlisted,
		Reachability: func() network.Reachability { return n.discovery.DHTState().Reachability },
		Registered:   n.isPublic, Validators: n.seeds, Network: n.discovery, Hello: n.hello, Ledger: n.chain,
		Metrics: n.metrics, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.circuits.relaying.Store(n.relaying)
	n.lifecycle.Add("relays", n.relaying.Start, n.relaying.Stop)
	n.lifecycle.Loop("relaying", n.relaying.Run)
	return nil
}
