package discovery

import (
	"context"
	"log/slog"
	"slices"
	"time"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx/discovery/netdb"
	"github.com/medibloc/pdx/internal/addrgroup"
)

// Remember stores the addresses of a connected peer that has proven its account, so
// that after a restart the node finds the network even if no seed answers. It does
// nothing if the peer has no allowed address.
func (d *Discovery) Remember(ctx context.Context, id peer.ID) {
	if c, ok := d.contact(id); ok {
		c.Proven = true
		d.remember(ctx, c)
	}
}

// rememberTable keeps the peers of the routing table.
func (d *Discovery) rememberTable(ctx context.Context, node *dht.IpfsDHT) {
	var contacts []netdb.Contact
	for _, id := range node.RoutingTable().ListPeers() {
		if c, ok := d.contact(id); ok {
			contacts = append(contacts, c)
		}
	}
	d.remember(ctx, contacts...)
}

func (d *Discovery) remember(ctx context.Context, contacts ...netdb.Contact) {
	if err := d.store.Remember(ctx, contacts...); err != nil && ctx.Err() == nil {
		d.opt.Log.WarnContext(ctx, "peers not remembered", slog.Any("error", err))
	}
}

// contact returns the allowed addresses of a peer, and the group of the first address by which
// it is connected, or that it has.
func (d *Discovery) contact(id peer.ID) (netdb.Contact, bool) {
	var addrs []ma.Multiaddr
	for _, conn := range d.host.Network().ConnsToPeer(id) {
		if conn.Stat().Direction == network.DirOutbound { // the port of an inbound one cannot be dialled
			addrs = append(addrs, conn.RemoteMultiaddr())
		}
	}
	addrs = d.policy.keep(append(addrs, d.host.Peerstore().Addrs(id)...))
	if len(addrs) == 0 {
		return netdb.Contact{}, false
	}
	group := addrgroup.Of(addrs[0])
	return netdb.Contact{AddrInfo: peer.AddrInfo{ID: id, Addrs: ma.Unique(addrs)}, Group: group}, true
}

// remembered returns some peers of former runs to dial, but those in besides.
func (d *Discovery) remembered(ctx context.Context, besides []peer.AddrInfo) []peer.AddrInfo {
	old, err := d.store.Contacts(ctx, dialsPerRound)
	if err != nil {
		if ctx.Err() == nil {
			d.opt.Log.WarnContext(ctx, "remembered peers not read", slog.Any("error", err))
		}
		return nil
	}
	known := map[peer.ID]bool{d.host.ID(): true}
	for _, p := range besides {
		known[p.ID] = true
	}
	var more []peer.AddrInfo
	for _, p := range d.believable(old) {
		if !known[p.ID] {
			more = append(more, p)
		}
	}
	return more
}

// gone returns some remembered peers that are neither connected nor in the routing table, to dial.
func (d *Discovery) gone(ctx context.Context) []peer.AddrInfo {
	node, err := d.running()
	if err != nil {
		return nil
	}
	all := slices.DeleteFunc(d.remembered(ctx, nil), func(p peer.AddrInfo) bool {
		return d.host.Network().Connectedness(p.ID) == network.Connected || node.RoutingTable().Find(p.ID) != ""
	})
	return all[:min(len(all), dialsLost)]
}

// rememberNow reports whether the routing table is due to be stored.
func (l *bootstrapLoop) rememberNow(now time.Time) bool {
	if now.Sub(l.remembered) < rememberInterval {
		return false
	}
	l.remembered = now
	return true
}
