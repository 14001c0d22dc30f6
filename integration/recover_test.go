package integration_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// recoverDeadlines leave time to lose a machine in any state, and a voucher a
// quarter of it before the ack goes to the chain.
const recoverDeadlines = "certify=180s,ack=180s,key=180s,dispute=30s"

const recoverWords = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

// TestRecover loses homes of a market in each state of a deal: they are restored from
// a backup that is older than the deal's state, or than the deal, or made anew from
// the account's mnemonic. Each deal is completed, and offered once.
func TestRecover(t *testing.T) {
	t.Parallel()
	words := filepath.Join(t.TempDir(), "words")
	require.NoError(t, os.WriteFile(words, []byte(recoverWords), 0o600))
	m := market.Open(t, market.Options{
		Validators: 1, Sellers: 1, Deadlines: recoverDeadlines,
		Flags: func(_ *market.Market, name string) []string {
			if name != "seller-1" {
				return nil
			}
			return []string{"--recover", words}
		},
	})
	seller, validator := m.Sellers[0], m.Validators[0]
	var pools [4]uint64
	for i := range pools {
		pools[i] = m.OpenPool(market.Pool{Count: 10})
	}
	pool, unordered, late, last := pools[0], pools[1], pools[2], pools[3]
	m.Pull(pool)
	m.Pull(last)
	paths := map[string]string{}
	for i, name := range []string{"history", "offered", "certified", "acked", "delivered"} {
		paths[name] = m.AddSample(seller, name, sample.Options{Kind: sample.Patient, Patients: 200, Seed: uint64(i + 1)})
	}

	// All have met, and there is a deal that nothing need be done about.
	m.Bought(m.WaitSale(seller, m.Sell(seller, pool, "history").Id, pdx.DealFinal))

	// Offered: the backups are as old as the deal's state.
	m.Must(validator.Stop(), "stop the validator")
	sale := m.WaitSale(seller, m.Sell(seller, pool, "offered").Id, pdx.DealOffered)
	want := keepDisclosed(t, sale)
	m.Must(market.All(m.Fleet.Members(), func(n *procs.Member) error { return n.Verb(t.Context(), "backup", backupOf(n)) }), "back up")
	lose(t, m.Fleet.Members()...)
	m.Must(market.All(m.Fleet.Members(), restored(t)), "restore")
	m.Bought(want)

	// Certified: the backups do not know the deal.
	sale = m.WaitSale(seller, m.Sell(seller, unordered, "certified").Id, pdx.DealCertified)
	want = keepDisclosed(t, sale)
	lose(t, m.Fleet.Members()...)
	m.Must(market.All(m.Fleet.Members(), restored(t)), "restore")
	m.Pull(unordered)
	m.Bought(want)

	// Acked: the seller has nothing but the words of its account.
	sale = m.WaitSale(seller, m.Sell(seller, late, "acked").Id, pdx.DealCertified)
	want = keepDisclosed(t, sale)
	lose(t, seller)
	m.Pull(late)
	m.WaitDeal(sale.DealId, pdx.DealAcked)
	m.Must(seller.Verb(t.Context(), "init", "--localnet", filepath.Join(m.Dir, "chain"), "--recover", words), "recover")
	m.Must(seller.Start(t.Context()), "start the seller")
	m.Bought(want)

	// Delivered: the buyer's backup does not know the deal, and the dispute runs. The first pool
	// takes no dataset any more: its only validator lost a record set that its backup does not know.
	m.AddFile(seller, "delivered", paths["delivered"])
	sale = m.WaitSale(seller, m.Sell(seller, last, "delivered").Id, pdx.DealDelivered)
	want = keepDisclosed(t, sale)
	lose(t, m.Buyer)
	m.Must(restored(t)(m.Buyer), "restore")
	m.Bought(want)

	for pool, offered := range map[uint64]int{pool: 2, unordered: 1, late: 1, last: 1} {
		all, err := m.Deals(t.Context(), pool)
		require.NoError(t, err)
		require.Len(t, all, offered, "nothing was offered twice")
		for _, deal := range all {
			m.WaitDeal(uint64(deal.ID), pdx.DealFinal)
		}
	}
}

func backupOf(n *procs.Member) string { return n.Home + ".backup" }

// lose ends nodes as a power cut would and takes their disks away.
func lose(t *testing.T, nodes ...*procs.Member) {
	t.Helper()
	for _, n := range nodes {
		if n.Running() {
			n.Kill()
		}
		require.NoError(t, os.RemoveAll(n.Home))
	}
}

// restored makes a node's home again out of its backup and starts it.
func restored(t *testing.T) func(*procs.Member) error {
	return func(n *procs.Member) error {
		if err := n.Verb(t.Context(), "restore", backupOf(n)); err != nil {
			return err
		}
		return n.Start(t.Context())
	}
}

// keepDisclosed returns a sale whose disclosed records outlive its home.
func keepDisclosed(t *testing.T, sale *nodepb.Sale) *nodepb.Sale {
	t.Helper()
	raw, err := os.ReadFile(sale.Disclosed)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "disclosed")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return &nodepb.Sale{PoolId: sale.PoolId, DealId: sale.DealId, Disclosed: path}
}
