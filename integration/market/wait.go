package market

import (
	"context"
	"fmt"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// Patience is how long one step of a deal may take on a busy machine.
const Patience = 3 * time.Minute

// SaleOf reads a sale from its seller's node.
func SaleOf(ctx context.Context, seller *procs.Member, id string) (*nodepb.Sale, error) {
	res, err := api.AllSales(ctx, seller.Client(), &nodepb.ListSalesRequest{})
	if err != nil {
		return nil, err
	}
	for _, s := range res.Sales {
		if s.Id == id {
			return s, nil
		}
	}
	return nil, fmt.Errorf("sale %s of %s: %w", id, seller.Name, pdx.ErrNotFound)
}

// WaitSale waits until a seller's node shows a sale in a state.
func (m *Market) WaitSale(seller *procs.Member, id string, want pdx.DealState) (sale *nodepb.Sale) {
	m.T.Helper()
	m.Until(Patience, fmt.Sprintf("%s shows sale %s as %s", seller.Name, id, want), func(ctx context.Context) (err error) {
		if sale, err = SaleOf(ctx, seller, id); err != nil {
			return err
		}
		if sale.State != string(want) {
			return fmt.Errorf("deal %d is %s (%s)", sale.DealId, sale.State, sale.Reason)
		}
		return nil
	})
	return sale
}

// Deal reads a deal from the chain.
func (m *Market) Deal(id uint64) pdx.Deal {
	m.T.Helper()
	deal, err := m.Chain.Deal(m.T.Context(), pdx.DealID(id))
	m.Must(err, "read a deal")
	return deal
}

// Deals returns all deals of a pool, in the order of their numbers.
func (m *Market) Deals(ctx context.Context, pool uint64) (all []pdx.Deal, err error) {
	for filter := (pdx.DealFilter{Pool: pdx.PoolID(pool)}); ; {
		some, next, err := m.Chain.Deals(ctx, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if filter.Cursor = next; next == "" {
			return all, nil
		}
	}
}

// Name returns the member behind an account.
func (m *Market) Name(account pdx.Address) string {
	for _, n := range m.Fleet.Members() {
		if n.Account == account {
			return n.Name
		}
	}
	return string(account)
}

// WaitDeal waits until the chain has a deal in a state.
func (m *Market) WaitDeal(id uint64, want pdx.DealState) (deal pdx.Deal) {
	m.T.Helper()
	m.Until(Patience, fmt.Sprintf("deal %d is %s", id, want), func(ctx context.Context) (err error) {
		if deal, err = m.Chain.Deal(ctx, pdx.DealID(id)); err != nil {
			return err
		}
		if deal.State != want {
			return fmt.Errorf("deal %d is %s", id, deal.State)
		}
		return nil
	})
	return deal
}

// PullOf reads the state of a deal at the buyer's node.
func (m *Market) PullOf(ctx context.Context, pool, deal uint64) (*nodepb.Pulled, error) {
	res, err := api.AllPulls(ctx, m.Buyer.Client(), &nodepb.ListPullsRequest{PoolId: pool})
	if err != nil {
		return nil, err
	}
	for _, p := range res.Pulls {
		if p.DealId == deal {
			return p, nil
		}
	}
	return nil, fmt.Errorf("pull of deal %d: %w", deal, pdx.ErrNotFound)
}

// Bought waits until the buyer has decrypted a dataset and makes sure that it is
// what was disclosed.
func (m *Market) Bought(sale *nodepb.Sale) (pull *nodepb.Pulled) {
	m.T.Helper()
	pull = m.Opened(sale)
	m.Must(SameBytes(sale, pull), "compare")
	return pull
}

// Opened waits until the buyer has decrypted a dataset.
func (m *Market) Opened(sale *nodepb.Sale) (pull *nodepb.Pulled) {
	m.T.Helper()
	m.Until(Patience, fmt.Sprintf("deal %d is decrypted", sale.DealId), func(ctx context.Context) (err error) {
		if pull, err = m.PullOf(ctx, sale.PoolId, sale.DealId); err != nil {
			return err
		}
		if pull.Path == "" {
			return fmt.Errorf("its pull is %s (%s)", pull.State, pull.Reason)
		}
		return nil
	})
	return pull
}
