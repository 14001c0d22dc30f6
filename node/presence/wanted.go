package presence

import (
	"context"
	"slices"
	"time"

	"github.com/medibloc/pdx"
)

// wanted is what a node is to be found by. Each is bounded by maxPresence, so what matters
// most is added first.
type wanted struct {
	memberships map[membership]bool
	roots       map[pdx.ContentID]bool
	pools       []pdx.PoolID // in the order in which their topics are joined
}

func (w *wanted) member(pool pdx.PoolID, role pdx.Role) {
	if m := (membership{pool, role}); len(w.memberships) < maxPresence && !w.memberships[m] {
		w.memberships[m] = true
		if !slices.Contains(w.pools, pool) {
			w.pools = append(w.pools, pool)
		}
	}
}

func (w *wanted) serve(root pdx.ContentID) {
	if len(w.roots) < maxPresence {
		w.roots[root] = true
	}
}

// wanted returns the current memberships and the blobs that this node serves: its own open
// pools first, then where it sells, then where it validates, then its pools that take no more offers
// and have deals that go on, and last its newest pools whatever their state: a seller may ask
// for what it sold there to be deleted. The topics of those are not joined.
func (p *Presence) wanted(ctx context.Context) (wanted, error) {
	w := wanted{memberships: map[membership]bool{}, roots: map[pdx.ContentID]bool{}}
	open, err := p.openPools(ctx)
	if err != nil {
		return w, err
	}
	for _, pool := range open {
		if pool.Buyer == p.cfg.Account && p.cfg.Plays(pdx.RoleBuyer) {
			w.member(pool.ID, pdx.RoleBuyer)
			w.serve(pool.Criteria)
		}
	}
	for _, s := range p.cfg.Seller.InProgress() {
		if s.State.Ended() || s.Unlisted || s.Deal == 0 {
			continue
		}
		w.member(s.Pool, pdx.RoleSeller)
		w.serve(s.Dataset.Root)
	}
	if p.cfg.Plays(pdx.RoleValidator) {
		for _, pool := range open {
			if slices.Contains(pool.Validators, p.cfg.Account) {
				w.member(pool.ID, pdx.RoleValidator)
			}
		}
		served, err := p.cfg.Validator.Serving(ctx)
		if err != nil {
			return w, err
		}
		for _, r := range served {
			w.serve(r.Root)
		}
	}
	if !p.cfg.Plays(pdx.RoleBuyer) {
		return w, nil
	}
	own, err := p.cfg.Buyer.PoolsInProgress(ctx)
	for _, pool := range own {
		w.member(pool.ID, pdx.RoleBuyer)
		w.serve(pool.Criteria)
	}
	if err != nil {
		return w, err
	}
	recent, err := p.cfg.Buyer.RecentPools(ctx, maxRecentPools)
	for _, pool := range recent {
		if m := (membership{pool, pdx.RoleBuyer}); len(w.memberships) < maxPresence {
			w.memberships[m] = true
		}
	}
	return w, err
}

// openPools returns the open pools that concern this node. It reads them from the chain when
// some were opened or closed, and now and then, but never twice within poolsPause.
func (p *Presence) openPools(ctx context.Context) ([]pdx.Pool, error) {
	age := time.Since(p.read)
	if !p.read.IsZero() && (age < poolsPause || age < presenceTick && !p.poolNews.Load()) {
		return p.open, nil
	}
	p.poolNews.Store(false)
	open, err := p.pools(ctx)
	if err != nil {
		p.poolNews.Store(true)
		return nil, err
	}
	p.open, p.read = open, time.Now()
	return open, nil
}

// pools reads the open pools of this account, and then those that it validates for, each
// from the newest on.
func (p *Presence) pools(ctx context.Context) ([]pdx.Pool, error) {
	own, err := p.readPools(ctx, pdx.PoolFilter{Buyer: p.cfg.Account}, func(pool pdx.Pool) bool { return pool.Buyer == p.cfg.Account })
	if err != nil {
		return nil, err
	}
	trusting, err := p.readPools(ctx, pdx.PoolFilter{}, func(pool pdx.Pool) bool {
		return pool.Buyer != p.cfg.Account && slices.Contains(pool.Validators, p.cfg.Account)
	})
	return append(own, trusting...), err
}

// readPools reads the open pools that are wanted, at most maxPresence.
func (p *Presence) readPools(ctx context.Context, f pdx.PoolFilter, want func(pdx.Pool) bool) (list []pdx.Pool, err error) {
	f.Status, f.Reverse = pdx.PoolOpen, true
	for read := 0; read < maxOpenPools; {
		page, next, err := p.cfg.Chain.Pools(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, pool := range page {
			if pool.Status == pdx.PoolOpen && want(pool) && len(list) < maxPresence {
				list = append(list, pool)
			}
		}
		read += len(page)
		if f.Cursor = next; next == "" {
			break
		}
	}
	return list, nil
}
