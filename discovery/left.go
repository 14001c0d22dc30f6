package discovery

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx/internal/addrgroup"
)

// forgetLeft bounds what the host's peerstore keeps of peers that disconnected,
// until the returned function is called. Peers of the routing table keep their
// addresses: the DHT asks them whether they are connected or not, and bounds
// them itself.
func (d *Discovery) forgetLeft(node *dht.IpfsDHT) (stop func()) {
	l := newLeft()
	bundle := &network.NotifyBundle{DisconnectedF: func(n network.Network, conn network.Conn) {
		id := conn.RemotePeer()
		if n.Connectedness(id) == network.Connected || node.RoutingTable().Find(id) != "" {
			return
		}
		for _, id := range l.add(id, addrgroup.Of(conn.RemoteMultiaddr())) {
			if n.Connectedness(id) != network.Connected && node.RoutingTable().Find(id) == "" {
				d.host.Peerstore().ClearAddrs(id)
				d.host.Peerstore().RemovePeer(id)
			}
		}
	}}
	d.host.Network().Notify(bundle)
	return func() { d.host.Network().StopNotify(bundle) }
}

// left lists the peers that disconnected last.
type left struct {
	mu     sync.Mutex
	order  *simplelru.LRU[peer.ID, netip.Prefix]
	groups map[netip.Prefix][]peer.ID // oldest first
}

func newLeft() *left {
	order, err := simplelru.NewLRU[peer.ID, netip.Prefix](maxLeft+1, nil) // add removes before it is full
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &left{order: order, groups: map[netip.Prefix][]peer.ID{}}
}

// add enters a peer and returns those that are to be forgotten for it.
func (l *left) add(id peer.ID, group netip.Prefix) (forget []peer.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(id)
	if of := l.groups[group]; len(of) == maxGroupLeft {
		forget = append(forget, of[0])
		l.remove(of[0])
	}
	if oldest, _, _ := l.order.GetOldest(); l.order.Len() == maxLeft {
		forget = append(forget, oldest)
		l.remove(oldest)
	}
	l.order.Add(id, group)
	l.groups[group] = append(l.groups[group], id)
	return forget
}

func (l *left) remove(id peer.ID) {
	group, ok := l.order.Peek(id)
	if !ok {
		return
	}
	l.order.Remove(id)
	l.groups[group] = slices.DeleteFunc(l.groups[group], func(other peer.ID) bool { return other == id })
	if len(l.groups[group]) == 0 {
		delete(l.groups, group)
	}
}
