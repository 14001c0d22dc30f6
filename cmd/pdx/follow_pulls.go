package main

import (
	"context"
	"errors"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// pullsFollower shows pulls until all deals that are known have ended.
type pullsFollower struct {
	app    *app
	client api.Client
	order  *nodepb.PullRequest
	bar    *bar
	said   map[uint64]string // what was shown of a deal
	open   map[uint64]bool   // whether a known deal goes on
	begun  bool              // something is known
	failed error

	looked  bool // the chain was asked
	waiting bool // it was said that nothing is known
}

func (a *app) newPullsFollower(client api.Client, order *nodepb.PullRequest) *pullsFollower {
	return &pullsFollower{app: a, client: client, order: order, bar: a.newBar(), said: map[uint64]string{}, open: map[uint64]bool{}}
}

func (f *pullsFollower) change(e *nodepb.WatchResponse) (bool, error) {
	if p := e.GetPulled(); p != nil && f.wanted(p.PoolId, p.DealId) {
		if err := f.take(p); err != nil {
			return true, err
		}
	}
	return f.done()
}

func (f *pullsFollower) wanted(pool, deal uint64) bool {
	return pool == f.order.PoolId && (f.order.DealId == 0 || f.order.DealId == deal)
}

// take shows a pull as it stands.
func (f *pullsFollower) take(p *nodepb.Pulled) error {
	if text := f.app.printer(f.app.out).pulled(p); text != f.said[p.DealId] {
		f.said[p.DealId] = text
		f.bar.hide()
		if err := f.app.step(p, text); err != nil {
			return err
		}
	}
	f.bar.set(p)
	ended, err := f.app.endOf(p.DealId, p.State, p.Reason)
	if err != nil && (f.order.DealId != 0 || pdx.DealState(p.State) != pdx.DealLapsed) {
		f.failed = err
	}
	f.open[p.DealId] = !ended
	return nil
}

// done when all known deals have ended; one that failed is the failure of all.
func (f *pullsFollower) done() (bool, error) {
	for _, open := range f.open {
		if open {
			return false, nil
		}
	}
	return len(f.open) > 0, f.failed
}

// tick begins with what there is. Later it asks the chain: what is offered is
// not pulled yet, and may lapse without a word from the buyer's side.
func (f *pullsFollower) tick(ctx context.Context) (bool, error) {
	err := f.reload(ctx)
	switch {
	case err != nil && f.looked && errors.Is(err, pdx.ErrUnavailable):
		return false, nil // the chain is away; it was here at the start
	case err != nil:
		return true, err
	}
	f.looked = true
	if len(f.open) == 0 {
		return f.idle(ctx)
	}
	f.begun = true
	return f.done()
}

func (f *pullsFollower) reload(ctx context.Context) error {
	if !f.begun || len(f.open) > 0 { // the changes begin with what is in progress: a deal may have ended before
		res, err := api.AllPulls(ctx, f.client, &nodepb.ListPullsRequest{PoolId: f.order.PoolId})
		if err != nil {
			return err
		}
		for _, p := range res.Pulls {
			if _, err := f.change(&nodepb.WatchResponse{What: &nodepb.WatchResponse_Pulled{Pulled: p}}); err != nil && f.failed == nil {
				return err
			}
		}
	}
	deals, err := f.deals(ctx)
	if err != nil {
		return err
	}
	for _, d := range deals {
		if err := f.lookAt(d); err != nil {
			return err
		}
	}
	return nil
}

// lookAt takes in what the chain says of a deal; of one that is pulled the
// daemon says more.
func (f *pullsFollower) lookAt(d *nodepb.Deal) error {
	if f.said[d.Id] != "" {
		return nil
	}
	switch state := pdx.DealState(d.State); {
	case !f.begun && !state.Ended():
		f.open[d.Id] = true
	case state == pdx.DealLapsed && (f.open[d.Id] || f.order.DealId == d.Id):
		return f.take(&nodepb.Pulled{DealId: d.Id, PoolId: d.PoolId, State: d.State, Size: d.Size, Reason: f.app.t("pull.lapsed")})
	}
	return nil
}

// idle when nothing was ever sold: it waits for the first deal, if one can come.
func (f *pullsFollower) idle(ctx context.Context) (bool, error) {
	res, err := f.client.GetPool(ctx, &nodepb.GetPoolRequest{Id: f.order.PoolId})
	if err != nil {
		if errors.Is(err, pdx.ErrUnavailable) {
			return false, nil
		}
		return true, err
	}
	if pdx.PoolStatus(res.Pool.Status) != pdx.PoolOpen {
		return true, nil
	}
	if !f.waiting {
		f.app.note("pull.waiting", "pool", f.order.PoolId)
		f.waiting = true
	}
	return false, nil
}

// deals are all deals of the pool, or the one that is followed.
func (f *pullsFollower) deals(ctx context.Context) ([]*nodepb.Deal, error) {
	if f.order.DealId != 0 {
		res, err := f.client.GetDeal(ctx, &nodepb.GetDealRequest{Id: f.order.DealId})
		if err != nil {
			return nil, err
		}
		return []*nodepb.Deal{res.Deal}, nil
	}
	var all []*nodepb.Deal
	req := &nodepb.ListDealsRequest{PoolId: f.order.PoolId}
	for {
		res, err := f.client.ListDeals(ctx, req)
		if err != nil {
			return nil, err
		}
		all = append(all, res.Deals...)
		if req.Cursor = res.NextCursor; req.Cursor == "" {
			return all, nil
		}
	}
}
