package presence

import (
	"context"
	"maps"
	"slices"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/node/model"
)

// A topicSession is this node's membership of a pool's topic.
type topicSession struct {
	subscription *gossip.Subscription
	end          func()
	published    map[pdx.DealID]model.SaleState // by this seller
	held         map[pdx.DealID]bool            // published as served by this validator
}

// join joins the topics of the first of these pools, as many as can be joined, and leaves
// all others.
func (p *Presence) join(ctx context.Context, wanted []pdx.PoolID) {
	wanted = wanted[:min(len(wanted), gossip.MaxJoined)]
	for pool, t := range p.sessions {
		if !slices.Contains(wanted, pool) {
			t.end()
			delete(p.sessions, pool)
		}
	}
	for _, pool := range wanted {
		if p.sessions[pool] != nil {
			continue
		}
		subscription, err := p.cfg.Mesh.Join(ctx, pool)
		if err != nil {
			p.cfg.Log.Debug("topic not joined", "pool_id", pool, "error", err)
			continue
		}
		p.sessions[pool] = p.listen(ctx, subscription)
	}
}

// listen handles notices until the session ends. A notice is only a hint, but its author
// has proven its account.
func (p *Presence) listen(ctx context.Context, subscription *gossip.Subscription) *topicSession {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			notice, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			p.cfg.Met(notice.Author, notice.Peer)
			if deal := dealOf(notice.Body); deal != 0 { // else it is news of its author alone
				p.cfg.Hint(pdx.Event{Kind: "notice", Pool: notice.Pool, Deal: deal})
			}
		}
	}()
	return &topicSession{subscription: subscription, published: map[pdx.DealID]model.SaleState{}, held: map[pdx.DealID]bool{}, end: func() {
		cancel()
		<-done
		subscription.Close()
	}}
}

func dealOf(body gossip.Body) pdx.DealID {
	switch b := body.(type) {
	case gossip.Offered:
		return b.Deal
	case gossip.Holding:
		return b.Deal
	}
	return 0
}

// publishAll publishes what is new to each pool: this seller's offers and held
// ciphertexts, and the load of this validator.
func (p *Presence) publishAll(ctx context.Context) {
	live := map[pdx.DealID]bool{}
	for _, s := range p.cfg.Seller.InProgress() {
		live[s.Deal] = true
		if t := p.sessions[s.Pool]; t != nil && s.Deal != 0 && !s.Unlisted && t.published[s.Deal] != s.State {
			p.publishSale(ctx, t, s)
		}
	}
	for _, t := range p.sessions {
		maps.DeleteFunc(t.published, func(deal pdx.DealID, _ model.SaleState) bool { return !live[deal] })
	}
	if !p.cfg.Plays(pdx.RoleValidator) {
		return
	}
	p.publishServed(ctx)
	queue := p.cfg.Validator.Queue()
	for pool, t := range p.sessions {
		if p.memberships[membership{pool, pdx.RoleValidator}] {
			p.publish(ctx, t, gossip.Availability{Queue: uint32(queue.Waiting), Capacity: uint32(queue.Workers)})
		}
	}
}

// publishServed publishes each promise once. A peer that misses it can read it on chain.
func (p *Presence) publishServed(ctx context.Context) {
	served, err := p.cfg.Validator.Serving(ctx)
	if err != nil {
		p.cfg.Log.Debug("served blobs not read", "error", err)
		return
	}
	live := map[pdx.DealID]bool{}
	for _, r := range served {
		live[r.Deal] = true
		if t := p.sessions[r.Pool]; t != nil && !t.held[r.Deal] {
			p.publish(ctx, t, gossip.Holding{Deal: r.Deal, Root: r.Root})
			t.held[r.Deal] = true
		}
	}
	for _, t := range p.sessions {
		maps.DeleteFunc(t.held, func(deal pdx.DealID, _ bool) bool { return !live[deal] })
	}
}

func (p *Presence) publishSale(ctx context.Context, t *topicSession, s model.Sale) {
	switch s.State {
	case model.SaleOffered:
		p.publish(ctx, t, gossip.Offered{Deal: s.Deal})
	case model.SaleCertified:
		p.publish(ctx, t, gossip.Holding{Deal: s.Deal, Root: s.Dataset.Root})
	}
	t.published[s.Deal] = s.State
}

func (p *Presence) publish(ctx context.Context, t *topicSession, body gossip.Body) {
	if err := t.subscription.Publish(ctx, body); err != nil {
		p.cfg.Log.Debug("notice not published", "pool_id", t.subscription.Pool(), "error", err)
	}
}
