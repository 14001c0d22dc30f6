package node

import (
	"context"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/node/reach"
	"github.com/medibloc/pdx/node/relaying"
	"github.com/medibloc/pdx/p2p/alive"
	p2phost "github.com/medibloc/pdx/p2p/host"
	"github.com/medibloc/pdx/p2p/relay"
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

// wireRelaying adds what keeps connections, what relays and what is relayed. On a local network everybody reaches
// everybody.
func (n *Node) wireRelaying(context.Context) (err error) {
	if err := n.wirePeering(); err != nil {
		return err
	}
	n.alive = alive.New(alive.Config{Host: n.host, Traffic: n.traffic, Interfaces: p2phost.Interfaces, Relays: n.reachedOver, Log: n.log})
	n.lifecycle.Loop("paths", n.alive.Run)
	if n.cfg.P2P.LocalNetwork {
		return nil
	}
	n.relaying, err = relaying.New(relaying.Config{
		Host: n.host, Settings: n.cfg.Relay, Account: n.Account(), Unlisted: n.cfg.P2P.Unlisted,
		Reachability: func() network.Reachability { return n.discovery.DHTState().Reachability },
		Registered:   n.isPublic, Validators: n.seeds, Network: n.discovery, Hello: n.hello, Ledger: n.chain, PSK: n.networkKey,
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

// reachedOver returns the relays through which peers reach this node.
func (n *Node) reachedOver() (ids []peer.ID) {
	if n.relaying == nil {
		return nil
	}
	for _, r := range n.relaying.Relays() {
		ids = append(ids, r.ID)
	}
	return ids
}

// reachedHealth says how others reach this node.
func (n *Node) reachedHealth() []api.Health {
	if n.relaying == nil {
		return nil
	}
	r := health.Inbound{
		Reachability: n.discovery.DHTState().Reachability, Confirmed: p2phost.Confirmed(n.host), Needs: n.relaying.Needs(),
		Use: n.cfg.Relay.Use, Entitled: n.relaying.LastEntitled(), Relays: n.relaying.Relays(), Usage: n.relaying.Usage(),
	}
	for _, id := range n.host.Network().Peers() {
		direct, over := false, false
		for _, c := range n.host.Network().ConnsToPeer(id) {
			direct, over = direct || !relay.IsRelayed(c), over || relay.IsRelayed(c)
		}
		switch {
		case direct && over:
			r.Punched++
		case over:
			r.Over++
		}
	}
	return health.Reached(r)
}

func (n *Node) paths() reach.Paths {
	return reach.Paths{
		Host: n.host, Peers: n.peers, ChainID: n.cfg.Chain.ID, PSK: n.networkKey, Locate: n.discovery.Locate, Describe: n.describe,
	}
}
