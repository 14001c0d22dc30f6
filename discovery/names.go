package discovery

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
	madns "github.com/multiformats/go-multiaddr-dns"
)

// DNS looks names up; [net.Resolver] is one.
type DNS = madns.BasicResolver

// named returns up to n of the peers that Options.Names stand for now, at random. Nothing of
// it is kept: DNS may lie, and a name may stand for other peers tomorrow.
func (d *Discovery) named(ctx context.Context, n int) []peer.AddrInfo {
	ctx, cancel := context.WithTimeout(ctx, seedsTimeout)
	defer cancel()
	var mu sync.Mutex
	var found []peer.AddrInfo
	var lookups sync.WaitGroup
	for _, name := range d.opt.Names {
		lookups.Go(func() {
			peers := d.lookup(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			found = append(found, peers...)
		})
	}
	lookups.Wait()
	found = d.believable(found)
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return found[:min(n, len(found))]
}

// lookup returns the peers of a /dnsaddr name, at most maxNamed addresses.
func (d *Discovery) lookup(ctx context.Context, name ma.Multiaddr) []peer.AddrInfo {
	addrs, err := swarm.ResolverFromMaDNS{Resolver: d.dns}.ResolveDNSAddr(ctx, "", name, maxNameSteps, maxNamed)
	if err != nil {
		if ctx.Err() == nil {
			d.opt.Log.WarnContext(ctx, "cannot look up a bootstrap name", slog.String("name", name.String()), slog.Any("error", err))
		}
		return nil
	}
	withID := make([]ma.Multiaddr, 0, len(addrs))
	for _, a := range addrs {
		if id, err := peer.IDFromP2PAddr(a); err == nil && id != d.host.ID() {
			withID = append(withID, a)
		}
	}
	peers, err := peer.AddrInfosFromP2pAddrs(withID...)
	if err != nil || len(peers) == 0 {
		d.opt.Log.WarnContext(ctx, "a bootstrap name stands for no peer: its TXT records need dnsaddr=/…/p2p/<peer id>",
			slog.String("name", name.String()), slog.Any("error", err))
	}
	return peers
}
