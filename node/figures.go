package node

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/durable"
	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/node/metrics"
	"github.com/medibloc/pdx/p2p/relay"
)

// wireFigures adds the metrics of the node as a whole.
func (n *Node) wireFigures(context.Context) error {
	if err := n.metrics.Register(metrics.Node{Read: n.figures}); err != nil {
		return err
	}
	ends, err := metrics.NewEnds(n.metrics)
	if err != nil {
		return err
	}
	n.lifecycle.Loop("count sales", func(ctx context.Context) { ends.Sales(ctx, n.seller.Changes) })
	n.lifecycle.Loop("count pulls", func(ctx context.Context) { ends.Pulls(ctx, n.buyer.InProgress(0), n.buyer.Changes) })
	return nil
}

// figures are this node's state now, with the chain's last known values.
func (n *Node) figures(ctx context.Context) metrics.Figures {
	status, now := n.Status(ctx), time.Now()
	f := metrics.Figures{
		Version: Version, Started: n.started, Health: status.Health,
		Handled: status.Handled, Head: n.view.Head(), GasPrice: n.chain.GasPrice(), Funds: n.view.Funds(), OtherSigner: n.chain.OtherSigner(),
		Sales: n.seller.InProgress(), StuckSales: len(health.StuckSales(n.seller.Waiting(), now)),
		Pulls: n.buyer.InProgress(0), LostPools: len(n.buyer.LostPools()),
		Peers: status.Peers, Connections: n.connections(), DHT: n.discovery.DHTState(), DHTPeers: n.discovery.Peers(), Topics: n.mesh.Topics(),
		DamagedRows: len(n.home.DB.Damaged()),
	}
	f.StuckPulls = len(health.StuckPulls(f.Pulls, now))
	f.ClockAhead, _ = n.follower.skew.Ahead()
	if n.relaying != nil {
		f.Relays, f.Relay = len(n.relaying.Relays()), n.relaying.Usage()
	}
	if space, err := durable.SpaceOf(n.cfg.Home); err == nil {
		f.Space = &space
	}
	if n.cfg.Plays(pdx.RoleValidator) {
		f.Validator = &metrics.Validator{
			OnChain: n.view.Validator().Value, Duties: len(status.Duties),
			Kept: status.Kept, Quota: status.Quota, Missing: len(n.validator.Missing()),
		}
	}
	return f
}

func (n *Node) connections() map[metrics.Connection]int {
	counts := map[metrics.Connection]int{}
	for _, c := range n.host.Network().Conns() {
		counts[metrics.Connection{Inbound: c.Stat().Direction == network.DirInbound, Relayed: relay.IsRelayed(c)}]++
	}
	return counts
}
