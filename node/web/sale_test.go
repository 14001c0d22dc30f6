package web_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/sample"
	network "github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/procs"
	"github.com/medibloc/pdx/node/web"
)

// at opens a browser of its own on the page of a node.
func at(t *testing.T, n *procs.Member, scopes web.Scopes) *browser {
	t.Helper()
	owner, err := web.ReadOwner(n.Home)
	require.NoError(t, err)
	b := openAlone(t)
	b.run(chromedp.Navigate(owner.Link(scopes, time.Hour).URL()))
	b.shows("#live", "block")
	return b
}

// TestASaleInTwoBrowsers has a buyer and a seller, each with a node and a browser of their
// own, make a sale by their pages alone: from no pool at all to the opened records.
func TestASaleInTwoBrowsers(t *testing.T) {
	findBrowser(t)
	t.Setenv("PDX_API_WEB", "127.0.0.1:0")
	m := network.Open(t, network.Options{Validators: 1, Sellers: 1})
	dir := t.TempDir()
	criteria := filepath.Join(dir, "criteria.json")
	raw, err := sample.Criteria(sample.Patient)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(criteria, raw, 0o600))
	data, err := m.WriteSample(m.Sellers[0], "patients", sample.Options{Kind: sample.Patient, Patients: 50, Seed: 1})
	require.NoError(t, err)

	buyer := at(t, m.Buyer, web.Buy)
	buyer.goTo("buy", "validator-1")
	buyer.tick("Use a criteria document")
	buyer.run(chromedp.SetUploadFiles("#criteria-file", []string{criteria}))
	buyer.shows("#view", "What this asks for")
	buyer.fill("Price of one dataset, in MED", "10")
	buyer.tick("validator-1")
	buyer.press("Add a term")
	buyer.fill("Title", "Research only")
	buyer.press("Look at the sum")
	buyer.press("Move into escrow")
	buyer.shows("#view", "is open")
	buyer.press("Pull all datasets")
	buyer.press("Pull: ")
	buyer.until(`document.querySelector('#view .view.bought') !== null`)

	seller := at(t, m.Sellers[0], web.Sell)
	seller.goTo("market", "MED")
	seller.until(`document.querySelector('.cards article a') !== null`)
	seller.run(chromedp.Evaluate(`document.querySelector('.cards article a').click()`, nil))
	seller.press("Sell into this pool")
	seller.shows("#view", "Drop files here")
	seller.run(chromedp.SetUploadFiles("#files", []string{data}))
	seller.shows("#view", "50 records would leave")
	seller.tick("Research only")
	seller.press("Look at the offer")
	seller.press("Agree and offer")
	seller.shows("#sales", "final")

	buyer.press("Show the first records")
	buyer.shows(".record", `"resourceType":"Patient"`)
	seller.picture("real-sold")
	buyer.picture("real-bought")
	seller.quiet()
	buyer.quiet()
	bought, err := os.ReadDir(filepath.Join(m.Buyer.Home, web.BoughtFolder, "pool-1"))
	require.NoError(t, err)
	require.NotEmpty(t, bought)
}
