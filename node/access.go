package node

import (
	"context"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/p2p/access"
	p2phost "github.com/medibloc/pdx/p2p/host"
	"github.com/medibloc/pdx/p2p/transport"
)

// wireAccess reads who may connect: lists of peers, and the key of a private network.
func (n *Node) wireAccess(context.Context) (err error) {
	if n.access, err = access.NewRules(n.cfg.P2P.Allow, n.cfg.P2P.Deny); err != nil {
		return err
	}
	n.networkKey, err = n.cfg.NetworkKey()
	return err
}

// hostConfig is what the settings say of the host.
func (n *Node) hostConfig(listen []string) p2phost.Config {
	c := n.cfg.P2P
	return p2phost.Config{
		Key: n.keys.Peer(), Listen: listen, QUIC: n.usesQUIC(), WebSocket: len(c.WebSocket) > 0, LocalNetwork: c.LocalNetwork,
		Limits: transport.Limits{Connections: c.MaxConnections, PerAddress: c.AddressConnections},
		Low:    c.LowConnections, High: c.HighConnections, Gater: n.access, PSK: n.networkKey,
		BeforeCircuit: n.circuits.before, UserAgent: "pdx/" + Version, Metrics: n.metrics, Traffic: n.traffic,
	}
}

// usesQUIC reports whether the node uses QUIC, which has no pre-shared keys.
func (n *Node) usesQUIC() bool { return n.cfg.P2P.QUIC && n.networkKey == nil }

// admitted is next for accounts that the lists allow.
func (n *Node) admitted(next func(context.Context, pdx.Address) error) func(context.Context, pdx.Address) error {
	return func(ctx context.Context, account pdx.Address) error {
		if err := n.access.Account(account); err != nil {
			return err
		}
		return next(ctx, account)
	}
}

// wirePeering adds what keeps this node connected to the peers of p2p.peering.
func (n *Node) wirePeering() error {
	list, err := n.cfg.P2P.PeeringPeers()
	if err != nil {
		return err
	}
	n.peering = peers.NewPeering(n.host, list, n.log)
	n.lifecycle.Loop("peering", n.peering.Run)
	return nil
}

// settingsHealth names the settings of the network that differ from the defaults, and what
// they do.
func (n *Node) settingsHealth() (list []api.Health) {
	c, usual := n.cfg.P2P, config.Default("").P2P
	if c.LowConnections != usual.LowConnections || c.HighConnections != usual.HighConnections ||
		c.MaxConnections != usual.MaxConnections || c.AddressConnections != usual.AddressConnections {
		list = append(list, api.Health{Part: "connections", OK: true, Message: fmt.Sprintf(
			"%d open; above %d they are cut down to %d; at most %d, and %d of one address",
			len(n.host.Network().Conns()), c.HighConnections, c.LowConnections, c.MaxConnections, c.AddressConnections)})
	}
	list = append(list, health.Access(n.access.Sizes())...)
	list = append(list, health.Peering(n.peering.Connected())...)
	list = append(list, health.WebSocket(n.host.Network().ListenAddresses())...)
	if n.networkKey != nil {
		list = append(list, api.Health{
			Part: "private network", OK: true, Message: "only nodes with the key of p2p.private_network connect; QUIC is off",
		})
	}
	return list
}
