package peers

import (
	"context"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"

	"github.com/medibloc/pdx"
)

// maxHolders bounds the peers that Holders returns; a few bytes each.
const maxHolders = 128

// Connected returns the peer that proved an account, if it is connected. It asks nobody.
func (p *Directory) Connected(account pdx.Address) (peer.ID, bool) {
	id, ok := p.known.Get(account)
	return id, ok && p.host.Network().Connectedness(id) == network.Connected
}

// Holders returns the peers that may have a document, the most likely first.
func (p *Directory) Holders(ctx context.Context, pool pdx.PoolID, id pdx.ContentID) []peer.ID {
	var announced [2][]peer.AddrInfo // an error is as good as none: there are other ways
	var lookups sync.WaitGroup
	lookups.Go(func() { announced[0], _ = p.discovery.Find(ctx, pool, pdx.RoleBuyer) })
	lookups.Go(func() { announced[1], _ = p.discovery.FindContent(ctx, id) })
	lookups.Wait()
	var ids []peer.ID
	seen := map[peer.ID]bool{p.host.ID(): true}
	add := func(id peer.ID) {
		if !seen[id] && len(ids) < maxHolders {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for i := range max(len(announced[0]), len(announced[1])) {
		for _, infos := range announced {
			if i < min(len(infos), maxHolders/4) {
				p.host.Peerstore().AddAddrs(infos[i].ID, infos[i].Addrs, peerstore.TempAddrTTL)
				add(infos[i].ID)
			}
		}
	}
	for _, at := range p.host.Network().Peers() {
		add(at)
	}
	return ids
}
