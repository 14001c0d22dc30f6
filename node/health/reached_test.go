package health_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/multiformats/go-multiaddr"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/health"
	"github.com/medibloc/pdx/p2p/relay"
)

func TestReached(t *testing.T) {
	const unknown, public, private = network.ReachabilityUnknown, network.ReachabilityPublic, network.ReachabilityPrivate
	addr := []multiaddr.Multiaddr{multiaddr.StringCast("/ip4/45.1.1.1/tcp/4001")}
	good, fresh := relay.Relay{Checked: true, Trip: 20 * time.Millisecond}, relay.Relay{}
	failing := relay.Relay{Checked: true, Trip: time.Second, Failures: 1}
	for name, c := range map[string]struct {
		state health.Inbound
		ok    bool
		says  []string
	}{
		"direct": {health.Inbound{Reachability: public, Confirmed: addr}, true, []string{"directly at /ip4/45.1.1.1/tcp/4001: peers dialled"}},
		"early":  {health.Inbound{Reachability: unknown}, true, []string{"not known yet"}},
		"no stake": {
			health.Inbound{Reachability: private, Needs: true, Use: "any", Entitled: fmt.Errorf("%w: nothing", pdx.ErrRefused)},
			true,
			[]string{"by nobody, and nobody needs to", "forward the port"},
		},
		"no chain": {
			health.Inbound{Reachability: private, Needs: true, Use: "any", Entitled: pdx.ErrUnavailable},
			true,
			[]string{"the chain has not said yet"},
		},
		"off":      {health.Inbound{Reachability: private, Needs: true, Use: "off"}, false, []string{"relay.use is off; set it", "forward"}},
		"no relay": {health.Inbound{Reachability: private, Needs: true, Use: "any"}, false, []string{"no relay has accepted it yet"}},
		"fresh":    {health.Inbound{Reachability: unknown, Needs: true, Relays: []relay.Relay{fresh}}, true, []string{"over 1 relay, not"}},
		"one fails": {
			health.Inbound{Reachability: private, Needs: true, Relays: []relay.Relay{good, failing}},
			true,
			[]string{"over 2 relays, 1 of them checked from outside (round trip 20ms)"},
		},
		"punched": {
			health.Inbound{Reachability: private, Needs: true, Relays: []relay.Relay{good, good}, Punched: 3, Over: 1},
			true,
			[]string{"over 2 relays, checked from outside", "3 peers directly by hole punching", "1 peer over a relay only", "forward"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			list := health.Reached(c.state)
			require.Len(t, list, 1)
			require.Equal(t, "reached", list[0].Part)
			require.Equal(t, c.ok, list[0].OK, list[0].Message)
			for _, says := range c.says {
				require.Contains(t, list[0].Message, says)
			}
		})
	}
	list := health.Reached(health.Inbound{Reachability: public, Usage: relay.Usage{Serves: true, Peers: 2, Circuits: 1, Bytes: 3 << 20}})
	require.Equal(t, "2 peers reached through this node, 1 circuit open, 3.0 MiB relayed since the start", list[1].Message)
}
