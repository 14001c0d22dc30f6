package node

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/peers"
	"github.com/medibloc/pdx/node/store"
)

const (
	// maxNameless bounds the cached peers that did not prove an account, about 300
	// bytes each.
	maxNameless = 4096
	// namelessTTL is how long a failed handshake is cached: short enough that an honest
	// peer succeeds at its next try, and long enough that a stranger costs one handshake
	// of 0.2 ms in that time, however often it asks.
	namelessTTL = 2 * time.Second
)

// accounts finds out which account a peer speaks for.
type accounts interface {
	// Account returns the account, from memory or by a handshake.
	Account(ctx context.Context, id peer.ID) (pdx.Address, error)
}

// errNameless: a peer has not proven an account.
var errNameless = fmt.Errorf("%w: the peer has not proven its account; it must greet this node first", pdx.ErrUnavailable)

// askers identifies the peers that send requests to this node. It greets none of them,
// because whoever opens a handshake names its own account first: a stranger could ask for
// anything to learn who runs this node. Only a validator whose peer the chain names, which
// tells nobody anything new, greets those that it does not know; it caches failures, so
// that a peer that proves no account does not cost a handshake per request.
type askers struct {
	hello interface {
		accounts
		// Known returns the account if it has been proven already.
		Known(id peer.ID) (pdx.Address, bool)
	}
	public   func() bool // the chain names this peer as that of its account
	allowed  func(pdx.Address) error
	nameless *lru.Cache[peer.ID, nameless]
	parties  *peers.Counterparties
}

// nameless is a failed handshake.
type nameless struct {
	err error
	at  time.Time
}

func newAskers(n *Node) (*askers, error) {
	failed, err := lru.New[peer.ID, nameless](maxNameless)
	return &askers{hello: n.hello, public: n.isPublic, allowed: n.access.Account, nameless: failed, parties: n.parties}, err
}

// isPublic reports whether the chain names this peer as that of a registered validator,
// which is this node's account.
func (n *Node) isPublic() bool { return n.obligation != nil && n.obligation.named.Load() }

// Account returns the account of a peer. It returns pdx.ErrUnavailable for a peer that has
// not greeted this node, and pdx.ErrRefused for an account that the lists do not allow.
func (a *askers) Account(ctx context.Context, id peer.ID) (pdx.Address, error) {
	account, err := a.account(ctx, id)
	if err != nil {
		return account, err
	}
	return account, a.allowed(account)
}

func (a *askers) account(ctx context.Context, id peer.ID) (pdx.Address, error) {
	if account, ok := a.hello.Known(id); ok {
		a.parties.Met(account, id)
		return account, nil
	}
	if !a.public() {
		return "", errNameless
	}
	if failed, ok := a.nameless.Get(id); ok && time.Since(failed.at) < namelessTTL {
		return "", failed.err
	}
	account, err := a.hello.Account(ctx, id)
	switch {
	case err == nil:
		a.parties.Met(account, id)
	case ctx.Err() == nil:
		a.nameless.Add(id, nameless{err, time.Now()})
	}
	return account, err
}

// serve returns the context of a peer's request, in which whole tables cannot be read.
func serve(ctx context.Context) context.Context { return store.Serving(ctx) }
