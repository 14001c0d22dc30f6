package book

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// Of returns the money of a deal; nothing if none moved.
func (b *Book) Of(ctx context.Context, deal pdx.DealID) (model.Money, error) {
	if deal == 0 {
		return model.Money{}, nil
	}
	sum, err := b.sums.Get(ctx, keyOf(model.ByDeal, model.Earning{Number: deal}))
	if errors.Is(err, pdx.ErrNotFound) || errors.Is(err, pdx.ErrCorrupt) { // a damaged sum, which health names
		return model.Money{}, nil
	}
	return sum.Money, err
}

// List lists a page of the sums of days, months or deals, in their order.
func (b *Book) List(ctx context.Context, by model.Period, p model.Page) (model.Earnings, error) {
	switch by {
	case model.ByDay, model.ByMonth, model.ByDeal:
	default:
		return model.Earnings{}, fmt.Errorf("earnings by %q: %w: say day, month or deal", by, pdx.ErrInvalid)
	}
	at, err := b.position(ctx)
	if err != nil {
		return model.Earnings{}, err
	}
	q := store.Query{Field: Index, From: string(by), To: store.Successor(string(by)), Limit: p.Limit}
	if p.Reverse { // From is the upper bound, and included
		q.Reverse, q.To = true, string(by[:len(by)-1])
	}
	rows, next, err := b.sums.Page(ctx, q, p.Cursor)
	if err != nil {
		return model.Earnings{}, err
	}
	list := model.Earnings{Total: at.Money, Since: at.Since, Last: at.Last, Missed: at.Missed, Next: next}
	for _, r := range rows {
		if by == model.ByDeal && !r.State.Ended() {
			r.Earning = b.described(ctx, r.Earning)
		}
		list.List = append(list.List, r.Earning)
	}
	return list, nil
}

// described adds to the sum of a deal what the chain says of it, and keeps that: of a deal that
// has ended, it is read once. Without the chain, the sum stays as it is.
func (b *Book) described(ctx context.Context, e model.Earning) model.Earning {
	deal, err := b.Ledger.Deal(ctx, e.Number)
	if err != nil {
		return e
	}
	if e.Title == "" {
		if text, _, ok := b.Pool(ctx, deal.Pool); ok {
			e.Title = text.Title
		}
	}
	e.Pool, e.Price, e.State, e.Role, e.Partner = deal.Pool, deal.Price, deal.State, pdx.RoleValidator, deal.Buyer
	switch b.Account {
	case deal.Seller:
		e.Role = pdx.RoleSeller
	case deal.Buyer:
		e.Role, e.Partner = pdx.RoleBuyer, deal.Seller
	}
	described := e
	_, _ = b.sums.Update(ctx, keyOf(model.ByDeal, e), func(r row) (row, error) { // it is read again if this fails
		money := r.Money
		r.Earning = described
		r.Money = money
		return r, nil
	})
	return e
}
