package move

import (
	"context"
	"errors"
	"fmt"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/home"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/store"
)

// Chain is what is asked of the ledger.
type Chain interface {
	Pools(ctx context.Context, f pdx.PoolFilter) ([]pdx.Pool, string, error)
	Deals(ctx context.Context, f pdx.DealFilter) ([]pdx.Deal, string, error)
	Validator(ctx context.Context, address pdx.Address) (pdx.Validator, error)
	Withdrawable(ctx context.Context, account pdx.Address) (pdx.Amount, error)
	Balance(ctx context.Context, account pdx.Address) (pdx.Amount, error)
	Transfer(ctx context.Context, to pdx.Address, amount pdx.Amount) error
}

// Kind is what is open.
type Kind string

// The kinds of what is open.
const (
	Pool   Kind = "pool"   // takes offers
	Deal   Kind = "deal"   // has not ended
	Sale   Kind = "sale"   // was ordered, and not offered yet
	Bond   Kind = "bond"   // of a validator
	Credit Kind = "credit" // money that was not withdrawn yet
)

// An Item is something that is open.
type Item struct {
	Kind   Kind       `json:"kind"`
	ID     string     `json:"id,omitempty"`    // of a pool, deal or sale
	State  string     `json:"state,omitempty"` // of a deal, sale or validator
	Amount pdx.Amount `json:"-"`               // of a bond or credit
}

// maxListed bounds how many pools, or deals of one role in one state, are listed.
const maxListed = 20

// openStates are the states from which a deal can go on.
var openStates = []pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered}

// Open lists what an account has open on chain and in its home, at most maxListed of a kind.
func Open(ctx context.Context, chain Chain, db *store.DB, account pdx.Address) (list []Item, err error) {
	pools, _, err := chain.Pools(ctx, pdx.PoolFilter{Buyer: account, Status: pdx.PoolOpen, Limit: maxListed})
	if err != nil {
		return nil, err
	}
	for _, p := range pools {
		list = append(list, Item{Kind: Pool, ID: p.ID.String(), State: string(p.Status)})
	}
	deals, err := openDeals(ctx, chain, account)
	if err != nil {
		return nil, err
	}
	money, err := openMoney(ctx, chain, account)
	if err != nil {
		return nil, err
	}
	sales, err := store.NewTable[model.Sale](db, home.SalesTable).Find(ctx, "Settled", false)
	if err != nil {
		return nil, fmt.Errorf("sales of this home: %w", err)
	}
	list = append(list, deals...)
	for _, s := range sales {
		if s.Deal == 0 { // else the chain says whether it is open
			list = append(list, Item{Kind: Sale, ID: s.ID, State: string(s.State)})
		}
	}
	return append(list, money...), nil
}

func openDeals(ctx context.Context, chain Chain, account pdx.Address) (list []Item, err error) {
	seen := map[pdx.DealID]bool{}
	for _, state := range openStates {
		for _, f := range []pdx.DealFilter{{Seller: account}, {Buyer: account}, {Validator: account}} {
			f.State, f.NoTexts, f.Limit = state, true, maxListed
			deals, _, err := chain.Deals(ctx, f)
			if err != nil {
				return nil, err
			}
			for _, d := range deals {
				if !seen[d.ID] {
					seen[d.ID] = true
					list = append(list, Item{Kind: Deal, ID: d.ID.String(), State: string(d.State)})
				}
			}
		}
	}
	return list, nil
}

func openMoney(ctx context.Context, chain Chain, account pdx.Address) (list []Item, err error) {
	v, err := chain.Validator(ctx, account)
	if err != nil && !errors.Is(err, pdx.ErrNotFound) {
		return nil, err
	}
	if err == nil && (v.Registered() || v.Bond > 0) {
		list = append(list, Item{Kind: Bond, State: string(v.Status), Amount: v.Bond})
	}
	credit, err := chain.Withdrawable(ctx, account)
	if err != nil {
		return nil, err
	}
	if credit > 0 {
		list = append(list, Item{Kind: Credit, Amount: credit})
	}
	return list, nil
}
