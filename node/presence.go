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
	// presenceTick is the interval between refreshes without news.
	presenceTick = time.Minute
	// presenceRetry is the pause after the chain did not answer.
	presenceRetry = 5 * time.Second
	// presencePause is how long news is collected before a refresh: a block may bring
	// hundreds of events, and each refresh reads the open pools.
	presencePause = 500 * time.Millisecond
	// maxPresence bounds the pools in which a node is announced.
	maxPresence = 1000
)

// A membership is a role of this node in a pool.
type membership struct {
	pool pdx.PoolID
	role pdx.Role
}

// presence keeps the node announced in the pools in which it plays a role, and joined to
// their topics. It derives both from the state of the roles at each refresh, and withdraws
// what an earlier run announced and is no longer wanted.
type presence struct {
	discovery *discovery.Discovery
	mesh      *gossip.Mesh
	peers     *peerDirectory
	chain     lister
	account   pdx.Address
	plays     func(pdx.Role) bool
	seller    *seller.Service
	validator *validator.Service
	hint      func(pdx.Event) // called with each notice of a topic, which must be checked on chain
	log       *slog.Logger

	news        notify.Signal
	memberships map[membership]bool
	blobs       map[pdx.ContentID]bool
	sessions    map[pdx.PoolID]*topicSession
}

// A lister reads pools from the chain.
type lister interface {
	Pools(ctx context.Context, f pdx.PoolFilter) ([]pdx.Pool, string, error)
}

// run refreshes until ctx ends.
func (p *presence) run(ctx context.Context) {
	p.resume(ctx)
	for {
		again := presenceTick
		if err := p.refresh(ctx); err != nil {
			p.log.Debug("presence not refreshed", "error", err)
			again = presenceRetry
		}
		select {
		case <-ctx.Done():
			for _, t := range p.sessions {
				t.end()
			}
			return
		case <-time.After(again):
		case <-p.news:
			pause(ctx, presencePause)
			select { // this refresh includes news of the pause
			case <-p.news:
			default:
			}
		}
	}
}

// resume loads what an earlier run announced. Discovery keeps announcing it, and only what
// is known here can be withdrawn.
func (p *presence) resume(ctx context.Context) {
	announced, err := p.discovery.Announced(ctx)
	if err != nil {
		p.log.Warn("earlier announcements cannot be read and are not withdrawn", "error", err)
	}
	for _, a := range announced {
		if a.Pool != 0 {
			p.memberships[membership{a.Pool, a.Role}] = true
		} else {
			p.blobs[a.Content] = true
		}
	}
}

// refresh reconciles announcements and topics with the wanted set and publishes pending
// notices.
func (p *presence) refresh(ctx context.Context) error {
	memberships, roots, err := p.wanted(ctx)
	if err != nil {
		return err
	}
	p.announce(ctx, memberships)
	p.announceBlobs(ctx, roots)
	p.join(ctx, memberships)
	p.publishAll(ctx)
	return nil
}

// wanted returns the current memberships and the blobs that this node serves.
func (p *presence) wanted(ctx context.Context) (map[membership]bool, map[pdx.ContentID]bool, error) {
	memberships, roots := map[membership]bool{}, map[pdx.ContentID]bool{}
	for _, s := range p.seller.Sales() {
		if s.State.Ended() || s.Unlisted || s.Deal == 0 {
			continue
		}
		memberships[membership{s.Pool, pdx.RoleSeller}] = true
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
			memberships[membership{pool.ID, pdx.RoleBuyer}] = true
			roots[pool.Criteria] = true
		}
		if slices.Contains(pool.Validators, p.account) && p.plays(pdx.RoleValidator) {
			memberships[membership{pool.ID, pdx.RoleValidator}] = true
		}
	}
	return memberships, roots, err
}

// pools returns the open pools and all pools of this account.
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

func (p *presence) announce(ctx context.Context, wanted map[membership]bool) {
	change(p.memberships, wanted,
		func(m membership) error { return p.discovery.Announce(ctx, m.pool, m.role) },
		func(m membership) error { return p.discovery.Withdraw(ctx, m.pool, m.role) }, p.log)
}

func (p *presence) announceBlobs(ctx context.Context, wanted map[pdx.ContentID]bool) {
	change(p.blobs, wanted,
		func(id pdx.ContentID) error { return p.discovery.AnnounceContent(ctx, id) },
		func(id pdx.ContentID) error { return p.discovery.WithdrawContent(ctx, id) }, p.log)
}

// change brings have into line with wanted. What fails is retried at the next refresh.
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
