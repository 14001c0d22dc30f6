package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// A Witness is one endpoint of several and what it alone says, without proofs. A list of
// deals cannot be proven to be complete, so it is asked of each: what one endpoint hides,
// another one shows.
type Witness struct {
	Name   string // its address
	ledger *Ledger
}

// Witnesses returns the endpoints, or nothing if there is only one.
func (c *Client) Witnesses() []Witness {
	if len(c.ends.list) < 2 {
		return nil
	}
	var all []Witness
	for _, e := range c.ends.list {
		all = append(all, Witness{e.address, &Ledger{query: types.NewQueryClient(e)}})
	}
	return all
}

// String returns the endpoint's address.
func (w Witness) String() string { return w.Name }

// Deals reads a page of deals as Ledger.Deals does; deals cannot be selected by their
// deadline.
func (w Witness) Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error) {
	if f.Due != 0 {
		return nil, "", fmt.Errorf("deals of one endpoint by their deadline: %w", pdx.ErrInvalid)
	}
	return w.ledger.Deals(ctx, f)
}

// Agreed reads a deal, without proofs, from every healthy endpoint. If they differ in its
// facts, one of them lies, and Agreed returns pdx.ErrCorrupt. If they differ in its progress,
// one of them may lag, and the deal with the longest history counts.
func (c *Client) Agreed(ctx context.Context, id pdx.DealID) (best pdx.Deal, err error) {
	var first *endpoint
	var chosen types.Deal
	var failed failures
	for _, e := range c.ends.living() {
		deal, err := e.deal(ctx, uint64(id))
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if first == nil {
			first, chosen = e, deal
			continue
		}
		if differ := differences(factsOf(chosen), factsOf(deal)); len(differ) > 0 {
			return pdx.Deal{}, fmt.Errorf("deal %d: %w: %s and %s show another %s: nothing is done until they agree,"+
				" or chain.trust names a block by which the lie is found", id, pdx.ErrCorrupt, first.address, e.address, strings.Join(differ, ", "))
		}
		if len(deal.History) > len(chosen.History) {
			first, chosen = e, deal
		}
	}
	if first == nil {
		return pdx.Deal{}, failed.error()
	}
	return toDeal(chosen)
}

// deal reads a deal of one endpoint, without a proof.
func (e *endpoint) deal(ctx context.Context, id uint64) (types.Deal, error) {
	res, err := types.NewQueryClient(e).Deal(ctx, &types.QueryDealRequest{DealId: id})
	if err != nil {
		err = queryError(fmt.Sprintf("deal %d of %s", id, e.address), err)
		if !errors.Is(err, pdx.ErrNotFound) && ctx.Err() == nil {
			e.health.leave(time.Now(), err)
		}
		return types.Deal{}, err
	}
	return res.Deal, nil
}

// factsOf returns a deal without what its progress changes.
func factsOf(d types.Deal) *types.Deal {
	d.State, d.History, d.DeadlineHeight, d.DeadlineTime = 0, nil, 0, time.Time{}
	d.AckHeight, d.Certificates, d.Delivery, d.Shares, d.Conviction = 0, nil, nil, nil, nil
	d.Validators, d.Draw, d.Challenge = nil, nil, nil // a draw decides them, and the buyer
	return &d
}
