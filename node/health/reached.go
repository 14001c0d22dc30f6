package health

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/message"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/p2p/relay"
)

// Inbound is what is known of how others reach a node.
type Inbound struct {
	Reachability network.Reachability
	Confirmed    []multiaddr.Multiaddr // addresses at which peers have dialled the node back
	Needs        bool                  // a relay, as far as is known
	Use          string                // the setting relay.use
	Entitled     error                 // why relays do not serve the node; nil if they do
	Relays       []relay.Relay
	Punched      int         // peers that are connected directly and over a relay
	Over         int         // peers that are connected over a relay only
	Usage        relay.Usage // of the node's own relay
}

// forward is what helps a node that nobody can dial.
const forward = "to be dialled directly, forward the port of p2p.listen (TCP and UDP) on the router, or switch on UPnP there"

// Reached says how others reach a node, as checked from outside, and what would help. It has
// a second entry for a node that relays.
func Reached(r Inbound) []api.Health {
	h := api.Health{Part: "reached", OK: true}
	switch {
	case r.Reachability == network.ReachabilityPublic:
		h.Message = "directly" + at(r.Confirmed) + ": peers dialled this node back"
	case len(r.Relays) > 0:
		h.Message = overRelays(r)
	case !r.Needs:
		h.Message = "not known yet: no peer has tried to dial this node back"
	case r.Use == config.RelayOff:
		h.OK, h.Message = false, "by nobody: peers cannot dial this node and relay.use is off; set it to any, or "+forward
	case errors.Is(r.Entitled, pdx.ErrRefused):
		h.Message = "by nobody, and nobody needs to: relays serve accounts with a live pool, deal or bond; this node dials others; " + forward
	case r.Entitled != nil:
		h.Message = "by nobody yet: the chain has not said yet whether this account has a live pool, deal or bond, for which relays serve it"
	default:
		h.OK, h.Message = false, "by nobody: peers cannot dial this node and no relay has accepted it yet; "+forward
	}
	list := []api.Health{h}
	if u := r.Usage; u.Serves {
		list = append(list, api.Health{Part: "relay", OK: true, Message: fmt.Sprintf(
			"%s reached through this node, %s open, %s relayed since the start",
			message.Count(u.Peers, "peer"), message.Count(u.Circuits, "circuit"), humanize.IBytes(u.Bytes))})
	}
	return list
}

// at names the first of some addresses.
func at(addrs []multiaddr.Multiaddr) string {
	if len(addrs) == 0 {
		return ""
	}
	return " at " + addrs[0].String()
}

// overRelays says through how many relays a node is reached, and whether that holds.
func overRelays(r Inbound) string {
	checked, slowest := 0, time.Duration(0)
	for _, one := range r.Relays {
		if one.Checked && one.Failures == 0 {
			checked, slowest = checked+1, max(slowest, one.Trip)
		}
	}
	text := "over " + message.Count(len(r.Relays), "relay")
	switch checked {
	case 0:
		text += ", not checked from outside yet"
	case len(r.Relays):
		text += ", checked from outside"
	default:
		text += fmt.Sprintf(", %d of them checked from outside", checked)
	}
	if checked > 0 {
		text += fmt.Sprintf(" (round trip %s)", slowest.Round(time.Millisecond))
	}
	parts := []string{text}
	if r.Punched > 0 {
		parts = append(parts, message.Count(r.Punched, "peer")+" directly by hole punching")
	}
	if r.Over > 0 {
		parts = append(parts, message.Count(r.Over, "peer")+" over a relay only")
	}
	return strings.Join(slices.Concat(parts, []string{forward}), "; ")
}
