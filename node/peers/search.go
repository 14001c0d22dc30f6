package peers

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/internal/addrgroup"
)

const (
	// searchTime bounds one search among peers that announce themselves: lookups, dials
	// and handshakes together.
	searchTime = 90 * time.Second
	// searchRounds bounds the lookups of one search, and with 256 peers of each the peers
	// that it tries. A server names 64 of the peers that it knows, so a further round brings
	// others.
	searchRounds = 3
	// fullAnswer is how many peers one server names at most: with fewer, there are no others.
	fullAnswer = 64
	// searchRest is the least time between two searches for an account that found nobody.
	searchRest = 10 * time.Second
	// GreetTimeout bounds one dial and one handshake with one candidate.
	GreetTimeout = 10 * time.Second
	// greetings is how many candidates of one search are tried at once. Most of the time
	// is waiting for peers that do not answer.
	greetings = 32
)

// search looks for an account among the peers that announce themselves in its role. Nothing
// proves who they are: each is dialled and greeted, one of each address group first, until
// one proves the account. Those that do not are left out of later searches for a while, so
// that repeated searches get past any number of them. Only one search for an account runs
// at a time.
func (p *Directory) search(ctx context.Context, pool pdx.PoolID, role pdx.Role, account pdx.Address) (peer.ID, bool) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	release, err := p.searches.Take(ctx, account)
	if err != nil {
		return "", false
	}
	defer release()
	if id, ok := p.contact(ctx, account); ok { // of a search that this one has waited for
		return id, true
	}
	if at, ok := p.rested.Get(account); ok && time.Since(at) < searchRest {
		return "", false
	}
	for range searchRounds {
		found := p.candidates(ctx, pool, role, account)
		if id, ok := p.among(ctx, found, account); ok {
			return id, true
		}
		if len(found) < fullAnswer || ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		p.rested.Add(account, time.Now())
	}
	return "", false
}

// candidates returns the peers to try, the most promising first: those that speak for the
// account as far as is known, then those that were never tried, then the others.
func (p *Directory) candidates(ctx context.Context, pool pdx.PoolID, role pdx.Role, account pdx.Address) []peer.AddrInfo {
	infos, err := p.discovery.Search(ctx, pool, role, func(id peer.ID) bool {
		if known, ok := p.hello.Known(id); ok {
			return known != account
		}
		return p.avoided.Now(id)
	})
	if err != nil {
		p.log.Debug("no peers found", "pool_id", pool, "role", role, "error", err)
	}
	rank := make(map[peer.ID]int, len(infos))
	for _, info := range infos {
		rank[info.ID] = p.avoided.Fails(info.ID)
		if _, ok := p.hello.Known(info.ID); ok {
			rank[info.ID] = -1
		}
	}
	slices.SortStableFunc(infos, func(a, b peer.AddrInfo) int { return rank[a.ID] - rank[b.ID] })
	return infos
}

// among tries candidates in their order, several at once, until one proves the account.
func (p *Directory) among(ctx context.Context, candidates []peer.AddrInfo, account pdx.Address) (peer.ID, bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, found := make(chan peer.AddrInfo), make(chan peer.ID, greetings)
	var workers sync.WaitGroup
	for range min(greetings, len(candidates)) {
		workers.Go(func() {
			for c := range next {
				if p.try(ctx, c, account) {
					found <- c.ID
					cancel()
					return
				}
			}
		})
	}
feed:
	for _, c := range candidates {
		select {
		case next <- c:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	close(found)
	id, ok := <-found
	return id, ok
}

// try reports whether an unproven peer proves to speak for the account, and remembers it
// if it does not.
func (p *Directory) try(search context.Context, info peer.AddrInfo, account pdx.Address) bool {
	ctx, cancel := context.WithTimeout(search, GreetTimeout)
	defer cancel()
	before := p.host.Network().Connectedness(info.ID)
	err := p.dial(ctx, info)
	group, reached := p.groupOf(info), err == nil
	var proven pdx.Address
	if reached {
		proven, err = p.hello.Account(ctx, info.ID)
	}
	switch {
	case err == nil && proven == account:
		p.note(ctx, account, info.ID)
		return true
	case search.Err() != nil: // the search is over, which says nothing about the peer
	case err == nil:
		p.avoided.Other(info.ID, group)
		return false
	default:
		p.avoided.Silent(info.ID, group, reached)
	}
	if reached && before != network.Connected {
		_ = p.host.Network().ClosePeer(info.ID) // it is of no use, and takes the place of others
	}
	return false
}

// groupOf returns the address group of a peer's connection, or else the one it claims.
func (p *Directory) groupOf(info peer.AddrInfo) netip.Prefix {
	if conns := p.host.Network().ConnsToPeer(info.ID); len(conns) > 0 {
		return addrgroup.Of(conns[0].RemoteMultiaddr())
	}
	if len(info.Addrs) > 0 {
		return addrgroup.Of(info.Addrs[0])
	}
	return netip.Prefix{}
}
