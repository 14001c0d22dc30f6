package discovery

import (
	"context"
	"fmt"

	"github.com/ipfs/go-cid"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
)

// Find returns at most Options.FindLimit peers that announce themselves as role in a
// pool, in no order and without this node itself. Finding none is not an error. The
// accounts of the peers are not proven; see discovery/identity.
//
// Find returns after 30 seconds with what it has found. It returns ErrUnavailable if no
// peer of the network can be reached, and ErrInvalid for an invalid role or pool.
func (d *Discovery) Find(ctx context.Context, pool pdx.PoolID, role pdx.Role) ([]peer.AddrInfo, error) {
	if err := checkPresence(pool, role); err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	found, err := d.find(ctx, PoolKey(d.opt.ChainID, pool, role))
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
	found, err := d.find(ctx, ContentKey(id))
	if err != nil {
		return nil, fmt.Errorf("find holders of %v: %w", id, err)
	}
	return found, nil
}

func (d *Discovery) find(ctx context.Context, key cid.Cid) ([]peer.AddrInfo, error) {
	node, err := d.running()
	if err != nil {
		return nil, err
	}
	if err := d.ready(ctx); err != nil {
		return nil, err
	}
	search, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	found := d.collect(search, node, key)
	if err := ctx.Err(); err != nil && len(found) == 0 {
		return nil, err
	}
	return found, nil
}

// collect reads the DHT's answers until there are enough. It requests one more, because this
// node may be among them. A peer can be reported twice: without
// addresses, then with.
func (d *Discovery) collect(ctx context.Context, node *dht.IpfsDHT, key cid.Cid) []peer.AddrInfo {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var found []peer.AddrInfo
	place := make(map[peer.ID]int, d.opt.FindLimit)
	for info := range node.FindProvidersAsync(ctx, key, d.opt.FindLimit+1) {
		at, known := place[info.ID]
		switch {
		case info.ID == d.host.ID():
		case known:
			found[at].Addrs = d.policy.keep(append(found[at].Addrs, info.Addrs...))
		case len(found) < d.opt.FindLimit:
			place[info.ID] = len(found)
			found = append(found, peer.AddrInfo{ID: info.ID, Addrs: d.policy.keep(info.Addrs)})
		}
	}
	for i := range found {
		if len(found[i].Addrs) == 0 {
			found[i].Addrs = d.policy.keep(addressesOf(ctx, d.host, node, found[i].ID))
		}
	}
	return found
}

// addressesOf looks for a peer that was reported without addresses.
func addressesOf(ctx context.Context, h host.Host, node *dht.IpfsDHT, id peer.ID) []ma.Multiaddr {
	if known := h.Peerstore().Addrs(id); len(known) > 0 {
		return known
	}
	info, err := node.FindPeer(ctx, id)
	if err != nil {
		return nil // it stays in the result: it may be connected, or be found later
	}
	return info.Addrs
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
