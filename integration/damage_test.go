package integration_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // spoils rows behind a daemon's back

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/procs"
)

// TestDamagedRows damages the rows of one sale at its seller and its buyer when the
// deal has ended, then the row of another at its seller while the deal is under
// way. The daemons start, name the row and go on with all others; the seller takes
// the deal that is under way up again from the chain.
func TestDamagedRows(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	seller := m.Sellers[0]
	for i := range 3 {
		m.AddSample(seller, fmt.Sprint("patients-", i), sample.Options{Kind: sample.Patient, Patients: 20, Seed: uint64(i + 1)})
	}
	pool := m.OpenPool(market.Pool{Count: 3})
	m.Pull(pool)

	over := m.WaitSale(seller, m.Sell(seller, pool, "patients-0").Id, pdx.DealFinal)
	m.Bought(over)
	m.Must(seller.Stop(), "stop the seller")
	m.Must(m.Buyer.Stop(), "stop the buyer")
	spoilDeal(t, seller, "sales", over.DealId)
	spoilDeal(t, m.Buyer, "pulls", over.DealId)
	m.Must(seller.Start(t.Context()), "start the seller past a damaged row")
	m.Must(m.Buyer.Start(t.Context()), "start the buyer past a damaged row")
	for _, n := range []*procs.Member{seller, m.Buyer} {
		waitHealth(m, n, "database", true, "1 damaged row was set aside", fmt.Sprintf("(deal %d)", over.DealId))
	}

	m.Must(m.Buyer.Stop(), "stop the buyer, so that the next sale waits for it")
	live := m.WaitSale(seller, m.Sell(seller, pool, "patients-1").Id, pdx.DealCertified)
	m.Must(seller.Stop(), "stop the seller")
	spoilDeal(t, seller, "sales", live.DealId)
	m.Must(seller.Start(t.Context()), "start the seller past a damaged row")
	waitHealth(m, seller, "database", false, fmt.Sprintf("(deal %d) is damaged", live.DealId), "recovers it from the chain")
	m.Must(m.Buyer.Start(t.Context()), "start the buyer")
	other := m.WaitSale(seller, m.Sell(seller, pool, "patients-2").Id, pdx.DealFinal)
	m.Bought(other)
	m.WaitSale(seller, fmt.Sprintf("deal-%d", live.DealId), pdx.DealFinal) // which knows no disclosed records to compare with
}

// spoilDeal flips a bit in the row of a deal; the node must not run.
func spoilDeal(t *testing.T, n *procs.Member, table string, deal uint64) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(n.Home, "node.db"))
	require.NoError(t, err)
	defer db.Close()
	var body []byte
	require.NoError(t, db.QueryRow("SELECT body FROM documents WHERE collection = ? AND deal = ?", table, deal).Scan(&body))
	body[len(body)/2] ^= 4
	_, err = db.Exec("UPDATE documents SET body = ? WHERE collection = ? AND deal = ?", body, table, deal)
	require.NoError(t, err)
}
