package integration_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/api/nodepb"
)

// TestRejected offers records that break the criteria. The validators say where,
// to the seller alone; nobody pays, and the pool can still be filled.
func TestRejected(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 2, Sellers: 1})
	seller := m.Sellers[0]
	before := m.Books()
	pool := m.OpenPool(market.Pool{})
	m.Pull(pool)
	const broken = 26
	m.AddSample(seller, "broken", sample.Options{Kind: sample.Patient, Patients: 50, Seed: 3, Broken: broken})
	preview, err := api.PreviewSale(t.Context(), seller.Client(), &nodepb.PreviewSaleRequest{PoolId: pool, DataId: "broken"}, nil)
	require.NoError(t, err)
	require.NotEmpty(t, preview.Findings, "the seller's own node warns")

	sale := m.WaitSale(seller, m.SellUnchecked(seller, pool, "broken").Id, pdx.DealLapsed)
	m.Until(market.Patience, "the seller has the reasons", func(ctx context.Context) (err error) {
		if sale, err = market.SaleOf(ctx, seller, sale.Id); err == nil && (sale.Reason == "" || len(reasons(sale)) == 0) {
			err = fmt.Errorf("reason %q, checks %v", sale.Reason, sale.Checks)
		}
		return err
	})
	for _, f := range reasons(sale) {
		require.EqualValues(t, broken, f.Record)
		require.NotEmpty(t, f.Rule)
	}
	require.Contains(t, sale.Reason, "criteria")
	deal := m.Deal(sale.DealId)
	require.NotEmpty(t, deal.Certificates)
	require.Empty(t, deal.Accepted())
	m.PaidOut(market.Patience)
	gains := m.Gains([]pdx.Deal{deal})
	require.Equal(t, -int64(deal.Deposit), gains[seller], "the deposit paid those who rejected, and the rest is forfeited")
	require.Positive(t, gains[m.Validators[0]]+gains[m.Validators[1]])
	gains[m.Buyer] -= int64(market.Price)
	m.Balanced(before, gains)

	m.AddSample(seller, "good", sample.Options{Kind: sample.Patient, Patients: 50, Seed: 3})
	m.Bought(m.WaitSale(seller, m.Sell(seller, pool, "good").Id, pdx.DealFinal))
	m.PaidOut(market.Patience)
	gains[seller] += sellersShare
	gains[m.Validators[0]] += commission
	gains[m.Validators[1]] += commission
	m.Balanced(before, gains)
}

// reasons returns what the validators that rejected a sale told its seller.
func reasons(sale *nodepb.Sale) (all []*nodepb.Finding) {
	for _, c := range sale.Checks {
		if !c.Accepted {
			all = append(all, c.Findings...)
		}
	}
	return all
}
