package peers

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/identity"
	"github.com/medibloc/pdx/internal/keylock"
	"github.com/medibloc/pdx/node/avoided"
)

const (
	// maxPeers bounds the accounts whose peer is cached: the parties of a thousand deals.
	maxPeers = 4096
	// introductions is how many peers that reconnect are greeted at once.
	introductions = 8
)

// A registry reads validators from the chain.
type registry interface {
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
}

// A Directory finds the peer that speaks for an account. Bindings that came in topics
// or handshakes prove one, and the chain names those of validators; other candidates come
// from discovery, and only a handshake proves one of them.
type Directory struct {
	host      host.Host
	hello     *identity.Service
	discovery *discovery.Discovery
	chain     registry
	log       *slog.Logger
	known     *expirable.LRU[pdx.Address, peer.ID] // proven, for as long as a binding is valid
	partners  *lru.Cache[peer.ID, struct{}]        // that Find returned
	avoided   *avoided.List
	searches  *keylock.Locks[pdx.Address]
	rested    *lru.Cache[pdx.Address, time.Time] // when the last search for an account began to rest
	parties   *Counterparties
}

// New returns a Directory. parties, which may be nil, are told who has proven an account.
func New(
	h host.Host, greeter *identity.Service, d *discovery.Discovery, chain registry, parties *Counterparties, log *slog.Logger,
) (*Directory, error) {
	partners, err := lru.New[peer.ID, struct{}](maxPeers)
	if err != nil {
		return nil, err
	}
	rested, err := lru.New[pdx.Address, time.Time](maxPeers)
	return &Directory{
		host: h, hello: greeter, discovery: d, chain: chain, parties: parties, log: log,
		known:    expirable.NewLRU[pdx.Address, peer.ID](maxPeers, nil, identity.Lifetime),
		partners: partners, avoided: avoided.New(), searches: keylock.New[pdx.Address](), rested: rested,
	}, err
}

// Find returns a connected peer that speaks for account and knows this node's account. It
// tries the peer that proved the account last, connected peers that did, the peer that the
// chain names, and peers that discovery finds in the role. It returns pdx.ErrUnavailable if
// there is none now.
//
// A handshake names this node's account first. Find therefore greets nobody only because
// it is connected.
func (p *Directory) Find(ctx context.Context, pool pdx.PoolID, role pdx.Role, account pdx.Address) (peer.ID, error) {
	if id, ok := p.contact(ctx, account); ok {
		return id, nil
	}
	if id, ok := p.registered(ctx, role, account); ok {
		return id, nil
	}
	if pool != 0 {
		if id, ok := p.search(ctx, pool, role, account); ok {
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

// Met caches a peer that proved its account in another way.
func (p *Directory) Met(account pdx.Address, id peer.ID) {
	p.known.Add(account, id)
	p.parties.Met(account, id)
}

// contact returns a peer that has proven the account, and can be reached.
func (p *Directory) contact(ctx context.Context, account pdx.Address) (peer.ID, bool) {
	tried := peer.ID("")
	if id, ok := p.known.Get(account); ok {
		if tried = id; p.visit(ctx, account, id) {
			return id, true
		}
	}
	for _, id := range p.host.Network().Peers() {
		if known, ok := p.hello.Known(id); ok && known == account && id != tried && p.visit(ctx, account, id) {
			return id, true
		}
	}
	return "", false
}

// visit reports whether a peer that has proven the account can be reached.
func (p *Directory) visit(ctx context.Context, account pdx.Address, id peer.ID) bool {
	ctx, cancel := context.WithTimeout(ctx, GreetTimeout)
	defer cancel()
	if err := p.dial(ctx, peer.AddrInfo{ID: id}); err != nil {
		return false
	}
	if now, ok := p.hello.Known(id); ok && now != account { // it has changed its account
		p.known.Remove(account)
		return false
	}
	p.Introduce(ctx, id)
	p.note(ctx, account, id)
	return true
}

// registered returns the peer that the chain names for a validator, if it can be reached.
func (p *Directory) registered(ctx context.Context, role pdx.Role, account pdx.Address) (peer.ID, bool) {
	if role != pdx.RoleValidator {
		return "", false
	}
	v, err := p.chain.Validator(ctx, account)
	if err != nil {
		p.log.Debug("validator not read", "account", account, "error", err)
		return "", false
	}
	info, err := ContactOf(v)
	if err != nil {
		p.log.Debug("validator's contact not read", "account", account, "error", err)
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, GreetTimeout)
	defer cancel()
	if err := p.dial(ctx, info); err != nil {
		return "", false
	}
	// The chain names the peer, so that it need not name its account.
	if proven, err := p.hello.Account(ctx, info.ID); err == nil && proven != account {
		return "", false
	}
	p.Introduce(ctx, info.ID)
	p.note(ctx, account, info.ID)
	return info.ID, true
}

// dial connects to a peer, whose addresses it looks up if none is known.
func (p *Directory) dial(ctx context.Context, info peer.AddrInfo) error {
	ctx = network.WithAllowLimitedConn(ctx, "pdx")
	if p.host.Network().Connectedness(info.ID) == network.NotConnected && len(info.Addrs)+len(p.host.Peerstore().Addrs(info.ID)) == 0 {
		info.Addrs = p.discovery.Locate(ctx, info.ID)
	}
	return p.host.Connect(ctx, info)
}

// Introduce makes this node's account known to a peer. It need not succeed: the peer may
// know the account all the same.
func (p *Directory) Introduce(ctx context.Context, id peer.ID) {
	if err := p.hello.Introduce(ctx, id); err != nil {
		p.log.Debug("not introduced", "peer_id", id, "error", err)
	}
}

// note remembers a peer that speaks for an account and is connected.
func (p *Directory) note(ctx context.Context, account pdx.Address, id peer.ID) {
	if old, ok := p.known.Get(account); !ok || old != id || !p.partners.Contains(id) {
		p.discovery.Remember(ctx, id)
	}
	p.Met(account, id)
	p.partners.Add(id, struct{}{})
	p.avoided.Forget(id)
	p.rested.Remove(account)
}

// IntroduceAgain greets partners that reconnect, until ctx ends: they may have restarted
// and forgotten this node's account.
func (p *Directory) IntroduceAgain(ctx context.Context) {
	changes, err := p.host.EventBus().Subscribe(new(event.EvtPeerConnectednessChanged))
	if err != nil {
		p.log.Warn("peers that restart are not greeted", "error", err)
		return
	}
	defer changes.Close()
	slots := make(chan struct{}, introductions)
	var greeted sync.WaitGroup
	defer greeted.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-changes.Out():
			change, ok := e.(event.EvtPeerConnectednessChanged)
			if !ok || change.Connectedness != network.Connected || !p.partners.Contains(change.Peer) {
				continue
			}
			select {
			case slots <- struct{}{}:
			default:
				continue // it is greeted when it is next looked for
			}
			greeted.Go(func() {
				defer func() { <-slots }()
				ctx, cancel := context.WithTimeout(ctx, GreetTimeout)
				defer cancel()
				p.Introduce(ctx, change.Peer)
			})
		}
	}
}

// ContactOf returns the peer id and addresses that a validator has on chain.
func ContactOf(v pdx.Validator) (peer.AddrInfo, error) {
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
