package integration_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/config"
	"github.com/medibloc/pdx/node/procs"
)

// TestFirstSale sells from two sellers to one buyer. Nobody is told where
// anybody else is: all that they share is the chain and the pool's number.
func TestFirstSale(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 2, Sellers: 2})
	for _, n := range m.Fleet.Members() {
		requireAlone(t, n)
	}
	before := m.Books()
	pool := m.OpenPool(market.Pool{Count: 2})
	m.Pull(pool)
	for i, s := range m.Sellers {
		m.AddSample(s, "patients", sample.Options{Kind: sample.Patient, Patients: 300, Seed: uint64(i + 1)})
	}
	sales := map[*procs.Member]*nodepb.Sale{}
	for _, s := range m.Sellers {
		sales[s] = m.Sell(s, pool, "patients")
	}
	gains := map[*procs.Member]int64{m.Buyer: -2 * int64(market.Price)}
	for _, s := range m.Sellers {
		sale := m.WaitSale(s, sales[s].Id, pdx.DealFinal)
		m.Bought(sale)
		requireShares(t, m, m.Deal(sale.DealId))
		gains[s] = sellersShare
	}
	for _, v := range m.Validators {
		gains[v] = 2 * commission
	}
	m.Balanced(before, gains)
	m.PaidOut(market.Patience)
	requireTimeouts(t, m, before.Height)
	t.Run("every format", func(t *testing.T) { sellsFormats(t, m.In(t), m.Sellers[0]) })
	t.Run("a folder from one copy", func(t *testing.T) { sellsFolder(t, m.In(t), m.Sellers[0]) })
	t.Run("binary formats", func(t *testing.T) { sellsBinary(t, m.In(t), m.Sellers[1]) })
	t.Run("opened as one table", func(t *testing.T) { opensPool(t, m.In(t)) })
}

// What two validators and a seller have of one price: reward and commission, and the rest.
const (
	commission   = int64(market.Reward) + int64(market.Price-2*market.Reward)*market.Commission/10_000
	sellersShare = int64(market.Price) - 2*commission
)

// requireAlone makes sure that a node's configuration names nobody.
func requireAlone(t *testing.T, n *procs.Member) {
	t.Helper()
	cfg, err := config.Load(n.Home)
	require.NoError(t, err)
	require.Empty(t, cfg.P2P.Bootstrap, n.Name)
	require.False(t, cfg.P2P.MDNS, n.Name)
}

// requireShares makes sure that a price went to its parties, to the last umed.
func requireShares(t *testing.T, m *market.Market, d pdx.Deal) {
	t.Helper()
	want := map[pdx.Address]pdx.Amount{d.Seller: pdx.Amount(sellersShare)}
	for _, v := range m.Validators {
		want[v.Account] = pdx.Amount(commission)
	}
	got := map[pdx.Address]pdx.Amount{}
	for _, s := range d.Shares {
		got[s.Address] += s.Amount
	}
	require.Equal(t, want, got)
}
