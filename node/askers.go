package node

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/store"
)

const (
	// maxNameless bounds the peers remembered for proving no account, about 300
	// bytes each.
	maxNameless = 4096
	// namelessTTL is how long that counts: short enough that an honest peer whose
	// handshake failed is heard at its next try, and long enough that a stranger
	// costs one handshake of 0.2 ms in that time, however much it asks.
	namelessTTL = 2 * time.Second
)

// accounts proves which account a peer speaks for.
type accounts interface {
	// Account is the account, from memory or by a handshake.
	Account(ctx context.Context, id peer.ID) (pdx.Address, error)
}

// askers are the peers that ask this node for something. All requests of peers
// pass here: their context may read no whole table, and a peer that proves no
// account is not greeted anew for each thing that it asks.
type askers struct {
	hello interface {
		accounts
		// Known is the account if it was proven already.
		Known(id peer.ID) (pdx.Address, bool)
	}
	nameless *lru.Cache[peer.ID, nameless]
}

// nameless is how a handshake failed, and when.
type nameless struct {
	err error
	at  time.Time
}

func newAskers(n *Node) (*askers, error) {
	failed, err := lru.New[peer.ID, nameless](maxNameless)
	return &askers{hello: n.hello, nameless: failed}, err
}

// Account is the account of a peer that asks.
func (a *askers) Account(ctx context.Context, id peer.ID) (pdx.Address, error) {
	if account, ok := a.hello.Known(id); ok {
		return account, nil
	}
	if failed, ok := a.nameless.Get(id); ok && time.Since(failed.at) < namelessTTL {
		return "", failed.err
	}
	account, err := a.hello.Account(ctx, id)
	if err != nil && ctx.Err() == nil {
		a.nameless.Add(id, nameless{err, time.Now()})
	}
	return account, err
}

// serve is the context of a peer's request.
func serve(ctx context.Context) context.Context { return store.Serving(ctx) }
