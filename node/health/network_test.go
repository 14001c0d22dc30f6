package health_test

import (
	"testing"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/node/health"
)

func TestNetwork(t *testing.T) {
	const unknown, public, private = network.ReachabilityUnknown, network.ReachabilityPublic, network.ReachabilityPrivate
	const auto, client, server = discovery.ModeAuto, discovery.ModeClient, discovery.ModeServer
	type state = discovery.DHTState
	for name, c := range map[string]struct {
		addresses, peers int
		serving          state
		ok               bool
		says             string
	}{
		"no address": {0, 3, state{Mode: auto}, false, "p2p.listen"},
		"no peer":    {1, 0, state{Mode: auto, Serves: true, Reachability: public}, false, "no peers: "},
		"reachable": {
			1, 1, state{Mode: auto, Serves: true, Reachability: public}, true, "1 peer in the routing table; serves the DHT",
		},
		"not known yet": {
			1, 3, state{Mode: auto, Reachability: unknown}, true, "3 peers in the routing table; does not serve the DHT: whether",
		},
		"behind a router": {1, 3, state{Mode: auto, Reachability: private}, true, "does not serve the DHT: peers cannot dial this node"},
		"validator, early": {
			1, 3, state{Mode: auto, Serves: true, Obliged: true, Reachability: unknown}, true, "serves the DHT as a registered validator",
		},
		"validator, reachable": {1, 3, state{Mode: auto, Serves: true, Obliged: true, Reachability: public}, true, "serves the DHT"},
		"validator, not": {
			1, 3, state{Mode: auto, Serves: true, Obliged: true, Reachability: private}, false, "peers cannot dial this node",
		},
		"validator, client": {1, 3, state{Mode: client, Obliged: true, Reachability: public}, false, "p2p.dht is client; set it to auto"},
		"client":            {1, 3, state{Mode: client, Reachability: public}, true, "does not serve the DHT: p2p.dht is client"},
		"server, early":     {1, 3, state{Mode: server, Serves: true, Reachability: unknown}, true, "because p2p.dht is server"},
		"server, not":       {1, 3, state{Mode: server, Serves: true, Reachability: private}, false, "peers cannot dial this node"},
	} {
		t.Run(name, func(t *testing.T) {
			h := health.Network(c.addresses, c.peers, c.serving)
			require.Equal(t, "network", h.Part)
			require.Equal(t, c.ok, h.OK, h.Message)
			require.Contains(t, h.Message, c.says)
		})
	}
}
