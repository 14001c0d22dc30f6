package health

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/network"

	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/node/api"
)

// Network judges whether peers can find a node that listens on a number of addresses
// and has a number of peers in its routing table.
func Network(addresses, peers int, s discovery.DHTState) api.Health {
	serving, ok := dht(s)
	h := api.Health{Part: "network", OK: ok}
	switch {
	case addresses == 0:
		h.OK, h.Message = false, "no address to listen on: see p2p.listen"
	case peers == 0:
		h.OK, h.Message = false, "no peers: no validator on chain and no bootstrap peer answers, so no node can find this one; the node "+serving
	case peers == 1:
		h.Message = "1 peer in the routing table; " + serving
	default:
		h.Message = fmt.Sprintf("%d peers in the routing table; %s", peers, serving)
	}
	return h
}

// dht says whether and why the node serves the DHT. ok reports whether that is in order.
func dht(s discovery.DHTState) (text string, ok bool) {
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
		return "serves the DHT because p2p.dht is server; whether peers can dial this node is not known yet", true
	case s.Serves:
		return "serves the DHT as a registered validator; whether peers can dial this node is not known yet", true
	case s.Reachability == network.ReachabilityPrivate:
		return "does not serve the DHT: peers cannot dial this node; to help others find each other, open or forward the port of p2p.listen", true
	}
	return "does not serve the DHT: whether peers can dial this node is not known yet", true
}
