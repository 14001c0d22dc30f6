package node

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/node/api"
)

// networkHealth notices a node that looks alive and that nobody can find.
func (n *Node) networkHealth(st api.Status) api.Health {
	return networkHealth(len(st.Listen), n.discovery.Peers(), n.discovery.Serving())
}

func networkHealth(addresses, peers int, s discovery.Serving) api.Health {
	serving, ok := servingHealth(s)
	h := api.Health{Part: "network", OK: ok}
	switch {
	case addresses == 0:
		h.OK, h.Message = false, "no address to listen on: see p2p.listen"
	case peers == 0:
		h.OK, h.Message = false, "no peers: neither a validator on chain nor a bootstrap peer answers, nobody can find this node; it "+serving
	case peers == 1:
		h.Message = "1 peer in the routing table; " + serving
	default:
		h.Message = fmt.Sprintf("%d peers in the routing table; %s", peers, serving)
	}
	return h
}

// servingHealth says whether the node serves the DHT and why or why not, and
// whether that is as it should be.
func servingHealth(s discovery.Serving) (text string, ok bool) {
	switch {
	case s.Mode == discovery.ModeClient && s.Obliged:
		return "does not serve the DHT although this account is a registered validator: p2p.dht is client; set it to auto", false
	case s.Mode == discovery.ModeClient:
		return "does not serve the DHT: p2p.dht is client", true
	case s.Serves && s.Reachability == network.ReachabilityPrivate:
		return "serves the DHT, but peers cannot dial this node: open or forward the port of p2p.listen", false
	case s.Serves && s.Reachability == network.ReachabilityPublic:
		return "serves the DHT", true
	case s.Mode == discovery.ModeServer:
		return "serves the DHT because p2p.dht is server; not known yet whether peers can dial this node", true
	case s.Serves:
		return "serves the DHT as a registered validator; not known yet whether peers can dial this node", true
	case s.Reachability == network.ReachabilityPrivate:
		return "does not serve the DHT: peers cannot dial this node; to help others find each other, open or forward the port of p2p.listen", true
	}
	return "does not serve the DHT: not known yet whether peers can dial this node", true
}
