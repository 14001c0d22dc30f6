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
	// standingTTL is how long an answer of the chain about a role counts: a
	// notice is a hint, and a minute is a few blocks.
	standingTTL = time.Minute
	maxStanding = 4096
	// standingTimeout keeps a slow chain from holding up the topic's validator.
	standingTimeout = 5 * time.Second
)

// standings answers topics from the chain: who may say what in a pool.
type standings struct {
	chain interface {
		Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
		Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
	}
	pools *expirable.LRU[pdx.PoolID, pdx.Pool]
	deals *expirable.LRU[pdx.DealID, pdx.Deal]
}

// Role reports whether account acts as role in pool, and in the deal if one is named.
func (s *standings) Role(ctx context.Context, pool pdx.PoolID, deal pdx.DealID, account pdx.Address, role pdx.Role) gossip.Standing {
	ctx, cancel := context.WithTimeout(serve(ctx), standingTimeout)
	defer cancel()
	if deal != 0 {
		d, err := read(ctx, s.deals, deal, s.chain.Deal)
		if err == nil && d.Undrawn() && role == pdx.RoleValidator {
			s.deals.Remove(deal) // the lot tells who they are, in the next block
			return gossip.Unknown
		}
		return standing(err, d.Pool == pool && inDeal(d, account, role))
	}
	p, err := read(ctx, s.pools, pool, s.chain.Pool)
	return standing(err, inPool(p, account, role))
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

// standing of what was asked: a thing that is not on chain may be there in a
// moment, seen from here.
func standing(err error, holds bool) gossip.Standing {
	switch {
	case err != nil && !errors.Is(err, pdx.ErrInvalid):
		return gossip.Unknown
	case holds:
		return gossip.Holds
	}
	return gossip.Lacks
}

// read asks the chain unless the answer is fresh.
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
