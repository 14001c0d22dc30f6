package market

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/model"
	"github.com/medibloc/pdx/node/procs"
)

// Ended waits until every sale and every deal of the pools has ended, and logs how.
func (m *Market) Ended(patience time.Duration, pools ...uint64) (deals []pdx.Deal) {
	m.T.Helper()
	m.Until(patience, "every deal has ended", func(ctx context.Context) error {
		for _, s := range m.Sellers {
			res, err := api.AllSales(ctx, s.Client(), &nodepb.ListSalesRequest{})
			if err != nil {
				return err
			}
			for _, sale := range res.Sales {
				if !model.SaleState(sale.State).Ended() {
					return stateOf(s, sale)
				}
			}
		}
		deals = nil
		for _, pool := range pools {
			some, err := m.Deals(ctx, pool)
			if err != nil {
				return err
			}
			deals = append(deals, some...)
		}
		for _, d := range deals { // also those that no seller knows
			if !d.State.Ended() {
				return fmt.Errorf("deal %d of %s is %s", d.ID, m.Name(d.Seller), d.State)
			}
		}
		return nil
	})
	ends := map[pdx.DealState]int{}
	for _, d := range deals {
		ends[d.State]++
		if d.State != pdx.DealFinal {
			m.T.Logf("deal %d of %s: %v", d.ID, m.Name(d.Seller), d.History)
		}
	}
	m.T.Logf("%d deals: %v", len(deals), ends)
	require.NotZero(m.T, ends[pdx.DealFinal], "something must have been sold")
	return deals
}

// AllBought makes sure that the buyers have every dataset that was paid for, and that
// sellers know how each deal ended: each deal is the sale of one of them.
func (m *Market) AllBought(deals []pdx.Deal) {
	m.T.Helper()
	sales := map[uint64]*nodepb.Sale{}
	for _, s := range m.Sellers {
		res, err := api.AllSales(m.T.Context(), s.Client(), &nodepb.ListSalesRequest{})
		m.Must(err, "list sales")
		for _, sale := range res.Sales {
			sales[sale.DealId] = sale
		}
	}
	for _, d := range deals {
		sale := sales[uint64(d.ID)]
		require.NotNil(m.T, sale, "deal %d is nobody's sale", d.ID)
		require.Equal(m.T, string(d.State), sale.State, "deal %d", d.ID)
		if d.State == pdx.DealFinal {
			m.As(m.member(d.Buyer)).Bought(sale)
		}
	}
}

// Gains returns what the deals left with everybody, as Balanced expects it.
func (m *Market) Gains(deals []pdx.Deal) map[*procs.Member]int64 {
	by := map[pdx.Address]int64{}
	for _, d := range deals {
		switch d.State {
		case pdx.DealFinal:
			by[d.Buyer] -= int64(d.Price)
			for _, s := range d.Shares {
				by[s.Address] += int64(s.Amount)
			}
		case pdx.DealUndelivered:
			by[d.Seller] -= int64(d.Deposit)
			for _, c := range d.Accepted() {
				by[c.Validator] += int64(d.Reward)
			}
			by[d.Buyer] += int64(d.Deposit) - int64(len(d.Accepted()))*int64(d.Reward)
		case pdx.DealUnacked:
			for _, c := range d.Certificates {
				if c.Accepted {
					costGains(d, c, by)
				}
			}
			half := int64(UnackedHalf(d))
			by[d.Buyer] -= half
			by[d.Seller] += half
		case pdx.DealLapsed:
			lapseGains(d, by)
		}
	}
	gains := map[*procs.Member]int64{}
	for _, n := range m.Fleet.Members() {
		gains[n] = by[n.Account]
	}
	return gains
}

// The parameters of these names, in umed.
const (
	VerdictCost      pdx.Amount = 500_000
	DrawnVerdictCost pdx.Amount = 600_000
	OfferCost        pdx.Amount = 900_000
)

func verdictCost(d pdx.Deal) pdx.Amount {
	if d.Draw != nil {
		return min(d.Reward, DrawnVerdictCost)
	}
	return min(d.Reward, VerdictCost)
}

// UnackedHalf is what the buyer of an unacknowledged deal pays its seller.
func UnackedHalf(d pdx.Deal) pdx.Amount {
	if d.Conviction != nil {
		return 0
	}
	var cost pdx.Amount
	for _, c := range d.Certificates {
		if c.Accepted {
			cost += verdictCost(d)
		}
	}
	if d.Draw == nil {
		cost += OfferCost
	}
	return min(cost/2, d.Price)
}

// costGains is that the deposit pays what a verdict cost.
func costGains(d pdx.Deal, c pdx.Certificate, by map[pdx.Address]int64) {
	by[c.Validator] += int64(verdictCost(d))
	by[d.Seller] -= int64(verdictCost(d))
}

// lapseGains is what the deposit of a deal that lapses pays while its pool takes offers.
func lapseGains(d pdx.Deal, by map[pdx.Address]int64) {
	rejected := slices.ContainsFunc(d.Certificates, func(c pdx.Certificate) bool {
		return !c.Accepted && c.Reason < pdx.RejectUnavailable
	})
	said := func(reason pdx.RejectReason) bool {
		return slices.ContainsFunc(d.Certificates, func(c pdx.Certificate) bool { return c.Reason == reason })
	}
	drawn := d.Draw != nil && (said(pdx.RejectUnavailable) || said(0) && !said(pdx.RejectSet))
	left := int64(d.Deposit)
	for _, c := range d.Certificates {
		switch {
		case c.Reason == pdx.RejectSet:
		case !c.Accepted && c.Reason != pdx.RejectUnavailable:
			by[c.Validator] += int64(d.Reward)
			by[d.Seller] -= int64(d.Reward)
			left -= int64(d.Reward)
		case c.Accepted && !rejected, !c.Accepted && (rejected || drawn):
			costGains(d, c, by)
			left -= int64(verdictCost(d))
		}
	}
	if rejected || drawn {
		by[d.Seller] -= left
	}
}

func (m *Market) member(account pdx.Address) *procs.Member {
	for _, n := range m.Fleet.Members() {
		if n.Account == account {
			return n
		}
	}
	m.T.Fatalf("%s is no member of the market", account)
	return nil
}
