package presence

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/node/store"
)

const (
	// roleTTL is how long a pool or deal read from the chain is used to check roles:
	// notices are only hints, and a minute is a few blocks.
	roleTTL = time.Minute
	// recentTTL is how long an answer is used that the next block may change: that a pool
	// or deal does not exist, or that a deal's validators are not drawn. It is less than
	// the time of a block.
	recentTTL = 2 * time.Second
	// maxRoleEntries bounds the pools, the deals and the recent answers in the cache, each.
	maxRoleEntries = 4096
	// roleTimeout keeps a slow chain from holding up a topic's validation.
	roleTimeout = 5 * time.Second
)

// A ChainReader reads pools and deals from the chain.
type ChainReader interface {
	Pool(ctx context.Context, id pdx.PoolID) (pdx.Pool, error)
	Deal(ctx context.Context, id pdx.DealID) (pdx.Deal, error)
}

// Roles checks from the chain who may publish which notices in a pool's topic.
type Roles struct {
	chain  ChainReader
	pools  *expirable.LRU[pdx.PoolID, pdx.Pool]
	deals  *expirable.LRU[pdx.DealID, pdx.Deal]
	recent *expirable.LRU[roleKey, recentAnswer]
}

// roleKey names a recent answer. It has the account, so that a stranger who names the
// next deals before they exist does not hide them from the notices of their sellers.
type roleKey struct {
	pool    pdx.PoolID
	deal    pdx.DealID
	account pdx.Address
}

// recentAnswer is a deal without validators, or why there is no pool or deal.
type recentAnswer struct {
	deal pdx.Deal
	err  error
}

// NewRoles returns Roles that know nothing yet.
func NewRoles(chain ChainReader) *Roles {
	return &Roles{
		chain:  chain,
		pools:  expirable.NewLRU[pdx.PoolID, pdx.Pool](maxRoleEntries, nil, roleTTL),
		deals:  expirable.NewLRU[pdx.DealID, pdx.Deal](maxRoleEntries, nil, roleTTL),
		recent: expirable.NewLRU[roleKey, recentAnswer](maxRoleEntries, nil, recentTTL),
	}
}

// Known reports whether Role answers from memory.
func (c *Roles) Known(pool pdx.PoolID, deal pdx.DealID, account pdx.Address) bool {
	if _, ok := c.recent.Peek(roleKey{pool, deal, account}); ok {
		return true
	}
	if deal == 0 {
		_, ok := c.pools.Peek(pool)
		return ok
	}
	_, ok := c.deals.Peek(deal)
	return ok
}

// Role reports whether account acts as role in pool, and in the deal if one is named.
func (c *Roles) Role(ctx context.Context, pool pdx.PoolID, deal pdx.DealID, account pdx.Address, role pdx.Role) gossip.RoleCheck {
	ctx, cancel := context.WithTimeout(store.Serving(ctx), roleTimeout)
	defer cancel()
	key := roleKey{pool, deal, account}
	if deal == 0 {
		p, err := c.readPool(ctx, key)
		return roleCheck(err, inPool(p, account, role))
	}
	d, err := c.readDeal(ctx, key)
	if err == nil && d.Undrawn() && role == pdx.RoleValidator {
		return gossip.Unknown // the next block draws the validators
	}
	return roleCheck(err, d.Pool == pool && inDeal(d, account, role))
}

func (c *Roles) readPool(ctx context.Context, key roleKey) (pdx.Pool, error) {
	if p, ok := c.pools.Get(key.pool); ok {
		return p, nil
	}
	if r, ok := c.recent.Get(key); ok {
		return pdx.Pool{}, r.err
	}
	p, err := c.chain.Pool(ctx, key.pool)
	switch {
	case err == nil:
		c.pools.Add(key.pool, p)
	case errors.Is(err, pdx.ErrNotFound):
		c.recent.Add(key, recentAnswer{err: err})
	}
	return p, err
}

func (c *Roles) readDeal(ctx context.Context, key roleKey) (pdx.Deal, error) {
	if d, ok := c.deals.Get(key.deal); ok {
		return d, nil
	}
	if r, ok := c.recent.Get(key); ok {
		return r.deal, r.err
	}
	d, err := c.chain.Deal(ctx, key.deal)
	switch {
	case err == nil && !d.Undrawn():
		c.deals.Add(key.deal, d)
	case err == nil || errors.Is(err, pdx.ErrNotFound):
		c.recent.Add(key, recentAnswer{d, err})
	}
	return d, err
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
	case errors.Is(err, pdx.ErrNotFound):
		return gossip.Unknown
	case err != nil && !errors.Is(err, pdx.ErrInvalid):
		return gossip.Unasked
	case holds:
		return gossip.Holds
	}
	return gossip.Lacks
}
