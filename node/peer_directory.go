package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/identity"
)

const (
	// maxPeers bounds the accounts whose peer is cached: the parties of a thousand deals.
	maxPeers = 4096
	// greetTimeout bounds one dial and one handshake with one candidate.
	greetTimeout = 10 * time.Second
	// greetings is how many handshakes run at once.
	greetings = 8
)

// A registry reads validators from the chain.
type registry interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
}

// A peerDirectory finds the peer that speaks for an account. Discovery, the chain and
// topics suggest candidates; only a handshake proves one.
type peerDirectory struct {
	host      host.Host
	hello     *identity.Service
	discovery *discovery.Discovery
	chain     registry
	log       *slog.Logger
	known     *lru.Cache[pdx.Address, peer.ID]
	parties   *counterparties
}

func newPeerDirectory(
	h host.Host, greeter *identity.Service, d *discovery.Discovery, chain registry, parties *counterparties, log *slog.Logger,
) (*peerDirectory, error) {
	known, err := lru.New[pdx.Address, peer.ID](maxPeers)
	return &peerDirectory{host: h, hello: greeter, discovery: d, chain: chain, log: log, known: known, parties: parties}, err
}

// find returns a connected peer that has proven to speak for account. It tries the peer that
// did so last, connected peers, the peer that the chain names, and peers that discovery
// finds in the role. It returns pdx.ErrUnavailable if there is none now.
func (p *peerDirectory) find(ctx context.Context, pool pdx.PoolID, role pdx.Role, account pdx.Address) (peer.ID, error) {
	if id, ok := p.known.Get(account); ok && p.is(ctx, peer.AddrInfo{ID: id}, account) {
		return id, nil
	}
	for _, candidates := range []func(context.Context) []peer.AddrInfo{
		func(context.Context) []peer.AddrInfo { return p.connected() },
		func(ctx context.Context) []peer.AddrInfo { return p.registered(ctx, role, account) },
		func(ctx context.Context) []peer.AddrInfo { return p.discovered(ctx, pool, role) },
	} {
		if id, ok := p.among(ctx, candidates(ctx), account); ok {
			return id, nil
		}
	}
	of := ""
	if pool != 0 {
		of = fmt.Sprintf(" of pool %d", pool)
	}
	return "", fmt.Errorf("%s %s%s: %w: no reachable peer speaks for this account: its node may be offline",
		role, account, of, pdx.ErrUnavailable)
}

// met caches a peer that proved its account in another way.
func (p *peerDirectory) met(account pdx.Address, id peer.ID) {
	p.known.Add(account, id)
	p.parties.met(account, id)
}

func (p *peerDirectory) connected() []peer.AddrInfo {
	var infos []peer.AddrInfo
	for _, id := range p.host.Network().Peers() {
		infos = append(infos, peer.AddrInfo{ID: id})
	}
	return infos
}

func (p *peerDirectory) registered(ctx context.Context, role pdx.Role, account pdx.Address) []peer.AddrInfo {
	if role != pdx.RoleValidator {
		return nil
	}
	v, err := p.chain.Validator(ctx, account)
	if err != nil {
		p.log.Debug("validator not read", "account", account, "error", err)
		return nil
	}
	info, err := contactOf(v)
	if err != nil {
		p.log.Debug("validator's contact not read", "account", account, "error", err)
		return nil
	}
	return []peer.AddrInfo{info}
}

func (p *peerDirectory) discovered(ctx context.Context, pool pdx.PoolID, role pdx.Role) []peer.AddrInfo {
	infos, err := p.discovery.Find(ctx, pool, role)
	if err != nil {
		p.log.Debug("no peers found", "pool_id", pool, "role", role, "error", err)
	}
	return infos
}

// among makes handshakes with candidates, several at once, until one proves the account.
func (p *peerDirectory) among(ctx context.Context, candidates []peer.AddrInfo, account pdx.Address) (peer.ID, bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slots := make(chan struct{}, greetings)
	found := make(chan peer.ID, len(candidates))
	var greeted sync.WaitGroup
	for _, c := range candidates {
		greeted.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() == nil && p.is(ctx, c, account) {
				found <- c.ID
				cancel()
			}
		})
	}
	greeted.Wait()
	close(found)
	id, ok := <-found
	return id, ok
}

// is reports whether a peer can be reached and speaks for the account.
func (p *peerDirectory) is(ctx context.Context, info peer.AddrInfo, account pdx.Address) bool {
	ctx, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	if err := p.host.Connect(network.WithAllowLimitedConn(ctx, "pdx"), info); err != nil {
		return false
	}
	proven, err := p.hello.Account(ctx, info.ID)
	if err != nil || proven != account {
		return false
	}
	if id, ok := p.known.Get(account); !ok || id != info.ID {
		p.discovery.Remember(ctx, info.ID)
	}
	p.met(account, info.ID)
	return true
}

// contactOf returns the peer id and addresses that a validator has on chain.
func contactOf(v pdx.Validator) (peer.AddrInfo, error) {
	id, err := peer.Decode(v.PeerID)
	if err != nil {
		return peer.AddrInfo{}, fmt.Errorf("validator %s: peer id: %w: %v", v.Address, pdx.ErrCorrupt, err)
	}
	info := peer.AddrInfo{ID: id}
	for _, text := range v.Addresses {
		addr, err := multiaddr.NewMultiaddr(text)
		if err != nil {
			return info, fmt.Errorf("validator %s: address %q: %w: %v", v.Address, text, pdx.ErrCorrupt, err)
		}
		info.Addrs = append(info.Addrs, addr)
	}
	return info, nil
}
