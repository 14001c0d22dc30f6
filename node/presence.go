package node

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/internal/notify"
	"github.com/medibloc/pdx/node/seller"
	"github.com/medibloc/pdx/node/validator"
)

const (
	// presenceTick is how often presence is computed afresh when nothing asks for it.
	presenceTick = time.Minute
	// presenceRetry is how soon it is tried again when the chain did not answer.
	presenceRetry = 5 * time.Second
	// presencePause is how long news gathers: a block may bring hundreds, and each
	// computation reads the open pools.
	presencePause = 500 * time.Millisecond
	// maxPresence bounds the pools in which a node is present.
	maxPresence = 1000
)

// place is a pool in which this node plays a role.
type place struct {
	pool pdx.PoolID
	role pdx.Role
}

// presence keeps the node announced where it plays a role, and in the talk of
// those pools. It is computed from the roles' state again and again. What an
// earlier run announced is withdrawn where it is no longer wanted.
type presence struct {
	discovery *discovery.Discovery
	mesh      *gossip.Mesh
	people    *people
	chain     lister
	account   pdx.Address
	plays     func(pdx.Role) bool
	seller    *seller.Service
	validator *validator.Service
	hint      func(pdx.Event) // a topic's word, to be checked on chain
	log       *slog.Logger

	news   notify.Signal
	places map[place]bool
	blobs  map[pdx.ContentID]bool
	talks  map[pdx.PoolID]*talk
}

// lister reads pools from the chain.
type lister interface {
	Pools(ctx context.Context, f pdx.PoolFilter) ([]pdx.Pool, string, error)
}

// run keeps presence until ctx ends.
func (p *presence) run(ctx context.Context) {
	p.resume(ctx)
	for {
		again := presenceTick
		if err := p.refresh(ctx); err != nil {
			p.log.Debug("presence not computed", "error", err)
			again = presenceRetry
		}
		select {
		case <-ctx.Done():
			for _, t := range p.talks {
				t.end()
			}
			return
		case <-time.After(again):
		case <-p.news:
			pause(ctx, presencePause)
			select { // what came meanwhile is in this computation
			case <-p.news:
			default:
			}
		}
	}
}

// resume takes over what an earlier run announced: discovery goes on with it by
// itself, and only what is known here is ever withdrawn.
func (p *presence) resume(ctx context.Context) {
	announced, err := p.discovery.Announced(ctx)
	if err != nil {
		p.log.Warn("what was announced before cannot be read and is not withdrawn", "error", err)
	}
	for _, a := range announced {
		if a.Pool != 0 {
			p.places[place{a.Pool, a.Role}] = true
		} else {
			p.blobs[a.Content] = true
		}
	}
}

// refresh announces what is new, withdraws what is gone, and says what is to be said.
func (p *presence) refresh(ctx context.Context) error {
	places, roots, err := p.wanted(ctx)
	if err != nil {
		return err
	}
	p.announce(ctx, places)
	p.announceBlobs(ctx, roots)
	p.join(ctx, places)
	p.say(ctx)
	return nil
}

// wanted is where this node plays a role now, and what it serves.
func (p *presence) wanted(ctx context.Context) (map[place]bool, map[pdx.ContentID]bool, error) {
	places, roots := map[place]bool{}, map[pdx.ContentID]bool{}
	for _, s := range p.seller.Sales() {
		if s.State.Ended() || s.Unlisted || s.Deal == 0 {
			continue
		}
		places[place{s.Pool, pdx.RoleSeller}] = true
		roots[s.Dataset.Root] = true
	}
	if p.plays(pdx.RoleValidator) {
		served, err := p.validator.Serving(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range served {
			roots[r.Root] = true
		}
	}
	pools, err := p.pools(ctx)
	for _, pool := range pools {
		if pool.Buyer == p.account && p.plays(pdx.RoleBuyer) {
			places[place{pool.ID, pdx.RoleBuyer}] = true
			roots[pool.Criteria] = true
		}
		if slices.Contains(pool.Validators, p.account) && p.plays(pdx.RoleValidator) {
			places[place{pool.ID, pdx.RoleValidator}] = true
		}
	}
	return places, roots, err
}

// pools are the open pools, and all of this account's own.
func (p *presence) pools(ctx context.Context) ([]pdx.Pool, error) {
	var all []pdx.Pool
	for _, filter := range []pdx.PoolFilter{{Buyer: p.account}, {Status: pdx.PoolOpen}} {
		for len(all) < maxPresence {
			some, next, err := p.chain.Pools(ctx, filter)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
			if filter.Cursor = next; next == "" {
				break
			}
		}
	}
	return all, nil
}

func (p *presence) announce(ctx context.Context, wanted map[place]bool) {
	change(p.places, wanted,
		func(w place) error { return p.discovery.Announce(ctx, w.pool, w.role) },
		func(w place) error { return p.discovery.Withdraw(ctx, w.pool, w.role) }, p.log)
}

func (p *presence) announceBlobs(ctx context.Context, wanted map[pdx.ContentID]bool) {
	change(p.blobs, wanted,
		func(id pdx.ContentID) error { return p.discovery.AnnounceContent(ctx, id) },
		func(id pdx.ContentID) error { return p.discovery.WithdrawContent(ctx, id) }, p.log)
}

// change makes have what is wanted; what fails is tried again the next time.
func change[K comparable](have, wanted map[K]bool, add, remove func(K) error, log *slog.Logger) {
	for k := range wanted {
		if have[k] {
			continue
		}
		if err := add(k); err != nil {
			log.Debug("not announced yet", "error", err)
			continue
		}
		have[k] = true
	}
	for k := range have {
		if !wanted[k] && remove(k) == nil {
			delete(have, k)
		}
	}
}
