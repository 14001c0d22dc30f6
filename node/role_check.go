package node

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
)

const (
	// roleTTL is how long a pool or deal read from the chain is used to check roles:
	// notices are only hints, and a minute is a few blocks.
	roleTTL = time.Minute
	// maxRoleEntries bounds the pools and the deals in the cache, each.
	maxRoleEntries = 4096
	// roleTimeout keeps a slow chain from holding up a topic's validation.
	roleTimeout = 5 * time.Second
)

// A roleCache checks from the chain who may publish which notices in a pool's topic.
type roleCache struct {
	chain interface {
		Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
		Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	}
	pools *expirable.LRU[pdx.PoolID, pdx.Pool]
	deals *expirable.LRU[pdx.DealID, pdx.Deal]
}

// Role reports whether account acts as role in pool, and in the deal if one is named.
func (c *roleCache) Role(ctx context.Context, pool pdx.PoolID, deal pdx.DealID, account pdx.Address, role pdx.Role) gossip.RoleCheck {
	ctx, cancel := context.WithTimeout(serve(ctx), roleTimeout)
	defer cancel()
	if deal != 0 {
		d, err := read(ctx, c.deals, deal, c.chain.Deal)
		if err == nil && d.Undrawn() && role == pdx.RoleValidator {
			c.deals.Remove(deal) // the next block draws the validators
			return gossip.Unknown
		}
		return roleCheck(err, d.Pool == pool && inDeal(d, account, role))
	}
	p, err := read(ctx, c.pools, pool, c.chain.Pool)
	return roleCheck(err, inPool(p, account, role))
}

func inDeal(d pdx.Deal, account pdx.Address, role pdx.Role) bool {
	switch role {
	case pdx.RoleSeller:
		return d.Seller == account
	case pdx.RoleBuyer:
		return d.Buyer == account
	}
	return slices.Contains(d.Validators, account)
}

func inPool(p pdx.Pool, account pdx.Address, role pdx.Role) bool {
	switch role {
	case pdx.RoleBuyer:
		return p.Buyer == account
	case pdx.RoleValidator:
		return slices.Contains(p.Validators, account)
	}
	return false
}

// roleCheck turns an answer into a RoleCheck. A pool or deal that is not found may be
// on chain already, ahead of the endpoint.
func roleCheck(err error, holds bool) gossip.RoleCheck {
	switch {
	case err != nil && !errors.Is(err, pdx.ErrInvalid):
		return gossip.Unknown
	case holds:
		return gossip.Holds
	}
	return gossip.Lacks
}

// read returns a cached value, or asks the chain.
func read[K comparable, V any](ctx context.Context, fresh *expirable.LRU[K, V], key K, ask func(context.Context, K) (V, error)) (V, error) {
	if v, ok := fresh.Get(key); ok {
		return v, nil
	}
	v, err := ask(ctx, key)
	if err == nil {
		fresh.Add(key, v)
	}
	return v, err
}
