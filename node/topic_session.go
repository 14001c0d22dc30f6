package node

import (
	"context"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/discovery/gossip"
	"github.com/medibloc/pdx/node/seller"
)

// talk is this node's part in the topic of a pool.
type talk struct {
	subscription *gossip.Subscription
	end          func()
	said         map[pdx.DealID]seller.State
	held         map[pdx.DealID]bool // said to be served by this validator
}

// join enters the topics of the pools in which the node is present and leaves all
// others.
func (p *presence) join(ctx context.Context, wanted map[place]bool) {
	pools := map[pdx.PoolID]bool{}
	for w := range wanted {
		pools[w.pool] = true
	}
	for pool, t := range p.talks {
		if !pools[pool] {
			t.end()
			delete(p.talks, pool)
		}
	}
	for pool := range pools {
		if p.talks[pool] != nil {
			continue
		}
		subscription, err := p.mesh.Join(ctx, pool)
		if err != nil {
			p.log.Debug("topic not joined", "pool_id", pool, "error", err)
			continue
		}
		p.talks[pool] = p.listen(ctx, subscription)
	}
}

// listen hears what others say until it ends; a notice is a hint and names a
// peer that has proven its account.
func (p *presence) listen(ctx context.Context, subscription *gossip.Subscription) *talk {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			notice, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			p.people.met(notice.Author, notice.Peer)
			p.hint(pdx.Event{Kind: "notice", Pool: notice.Pool, Deal: dealOf(notice.Body)})
		}
	}()
	return &talk{subscription: subscription, said: map[pdx.DealID]seller.State{}, held: map[pdx.DealID]bool{}, end: func() {
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

// say tells each pool what is new: offers and what is held of this seller's
// deals, and how busy this validator is.
func (p *presence) say(ctx context.Context) {
	for _, s := range p.seller.Sales() {
		if t := p.talks[s.Pool]; t != nil && s.Deal != 0 && !s.Unlisted && t.said[s.Deal] != s.State {
			p.saySale(ctx, t, s)
		}
	}
	if !p.plays(pdx.RoleValidator) {
		return
	}
	p.sayServed(ctx)
	queue := p.validator.Queue()
	for pool, t := range p.talks {
		if p.places[place{pool, pdx.RoleValidator}] {
			p.publish(ctx, t, gossip.Availability{Queue: uint32(queue.Waiting), Capacity: uint32(queue.Workers)})
		}
	}
}

// sayServed tells of what was promised, once; who misses it reads the promise on chain.
func (p *presence) sayServed(ctx context.Context) {
	served, err := p.validator.Serving(ctx)
	if err != nil {
		p.log.Debug("what is served is not known", "error", err)
		return
	}
	for _, r := range served {
		if t := p.talks[r.Pool]; t != nil && !t.held[r.Deal] {
			p.publish(ctx, t, gossip.Holding{Deal: r.Deal, Root: r.Root})
			t.held[r.Deal] = true
		}
	}
}

func (p *presence) saySale(ctx context.Context, t *talk, s seller.Sale) {
	switch s.State {
	case seller.Offered:
		p.publish(ctx, t, gossip.Offered{Deal: s.Deal})
	case seller.Certified:
		p.publish(ctx, t, gossip.Holding{Deal: s.Deal, Root: s.Dataset.Root})
	}
	t.said[s.Deal] = s.State
}

func (p *presence) publish(ctx context.Context, t *talk, body gossip.Body) {
	if err := t.subscription.Publish(ctx, body); err != nil {
		p.log.Debug("notice not published", "pool_id", t.subscription.Pool(), "error", err)
	}
}
