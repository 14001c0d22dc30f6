package discovery

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	"github.com/ipfs/go-cid"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/addrgroup"
)

// Find returns at most Options.FindLimit peers that announce themselves as role in a
// pool, without this node itself. If there are more, each address group has one in the
// result before any has two; otherwise the order is random. Finding none is not an error.
// The accounts of the peers are not proven; see discovery/identity.
//
// Find returns after 30 seconds with what it has found. It returns ErrUnavailable if no
// peer of the network can be reached, and ErrInvalid for an invalid role or pool.
func (d *Discovery) Find(ctx context.Context, pool pdx.PoolID, role pdx.Role) ([]peer.AddrInfo, error) {
	return d.Search(ctx, pool, role, nil)
}

// Search is Find for a caller that tries one peer after another until one is the right
// one: it leaves out the peers for which skip returns true, so that a caller that remembers
// whom it has tried gets others.
func (d *Discovery) Search(ctx context.Context, pool pdx.PoolID, role pdx.Role, skip func(peer.ID) bool) ([]peer.AddrInfo, error) {
	if err := checkPresence(pool, role); err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	found, err := d.find(ctx, PoolKey(d.opt.ChainID, pool, role), skip)
	if err != nil {
		return nil, fmt.Errorf("find peers of pool %v: %w", pool, err)
	}
	return found, nil
}

// FindContent returns peers that announce a ciphertext. Otherwise it is like Find.
func (d *Discovery) FindContent(ctx context.Context, id pdx.ContentID) ([]peer.AddrInfo, error) {
	if id.IsZero() {
		return nil, fmt.Errorf("find: %w: no content id", pdx.ErrInvalid)
	}
	found, err := d.find(ctx, ContentKey(id), nil)
	if err != nil {
		return nil, fmt.Errorf("find holders of %v: %w", id, err)
	}
	return found, nil
}

// FindRelays returns peers that announce themselves as relays. Otherwise it is like Find.
func (d *Discovery) FindRelays(ctx context.Context) ([]peer.AddrInfo, error) {
	found, err := d.find(ctx, RelayKey(d.opt.ChainID), nil)
	if err != nil {
		return nil, fmt.Errorf("find relays: %w", err)
	}
	return found, nil
}

func (d *Discovery) find(ctx context.Context, key cid.Cid, skip func(peer.ID) bool) ([]peer.AddrInfo, error) {
	node, err := d.running()
	if err != nil {
		return nil, err
	}
	if err := d.ready(ctx); err != nil {
		return nil, err
	}
	search, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	found := addrgroup.Spread(d.collect(search, node, key, skip), groupOf, d.opt.FindLimit)
	if err := ctx.Err(); err != nil && len(found) == 0 {
		return nil, err
	}
	d.locate(ctx, node, found)
	return found, nil
}

// groupOf returns the address group that a peer claims: that of its first address.
func groupOf(info peer.AddrInfo) netip.Prefix {
	if len(info.Addrs) == 0 {
		return netip.Prefix{}
	}
	return addrgroup.Of(info.Addrs[0])
}

// collect reads all answers of the DHT up to maxCollected peers: who announces a key most
// often or answers first must not hide the others. A peer can be reported twice: without
// addresses, then with.
func (d *Discovery) collect(ctx context.Context, node *dht.IpfsDHT, key cid.Cid, skip func(peer.ID) bool) []peer.AddrInfo {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var found []peer.AddrInfo
	place := make(map[peer.ID]int)
	for info := range node.FindProvidersAsync(ctx, key, 0) { // 0: all
		at, known := place[info.ID]
		switch {
		case info.ID == d.host.ID(), skip != nil && skip(info.ID):
		case known:
			found[at].Addrs = d.policy.keep(append(found[at].Addrs, info.Addrs...))
		case len(found) < maxCollected:
			place[info.ID] = len(found)
			found = append(found, peer.AddrInfo{ID: info.ID, Addrs: d.policy.keep(info.Addrs)})
		}
	}
	return found
}

// locate looks for addresses of peers that were reported without. Those for which it finds
// none stay in the result: they may be connected, or be found later.
func (d *Discovery) locate(ctx context.Context, node *dht.IpfsDHT, found []peer.AddrInfo) {
	ctx, cancel := context.WithTimeout(ctx, locateTimeout)
	defer cancel()
	var lookups sync.WaitGroup
	defer lookups.Wait()
	left := maxLocated
	for i := range found {
		if len(found[i].Addrs) > 0 {
			continue
		}
		if found[i].Addrs = d.policy.keep(d.host.Peerstore().Addrs(found[i].ID)); len(found[i].Addrs) > 0 || left == 0 {
			continue
		}
		left--
		lookups.Go(func() {
			if info, err := node.FindPeer(ctx, found[i].ID); err == nil {
				found[i].Addrs = d.policy.keep(info.Addrs)
			}
		})
	}
}

// Locate returns allowed addresses of a peer: those that the host knows, or else what the
// network answers within 10 seconds; none if it is not found.
func (d *Discovery) Locate(ctx context.Context, id peer.ID) []ma.Multiaddr {
	node, err := d.running()
	if err != nil {
		return nil
	}
	found := []peer.AddrInfo{{ID: id}}
	d.locate(ctx, node, found)
	return found[0].Addrs
}

// ready waits briefly until there is a peer to ask.
func (d *Discovery) ready(ctx context.Context) error {
	if d.online.isOpen() {
		return nil
	}
	d.Wake()
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if err := d.online.wait(ctx); err != nil {
		return fmt.Errorf("%w: no peer of the network is known", pdx.ErrUnavailable)
	}
	return nil
}
