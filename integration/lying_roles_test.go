package integration_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/exchange/seal"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/procs"
)

// TestLyingEndpointOfValidatorAndBuyer has the only endpoint of a validator, and then that of
// the buyer, lie about one field of a deal at a time. The validator certifies nothing and the
// buyer acknowledges nothing while the lie goes on; both name the liar, and go on after it.
func TestLyingEndpointOfValidatorAndBuyer(t *testing.T) {
	t.Parallel()
	liars := liars{}
	m := market.Open(t, market.Options{
		Validators: 1, Sellers: 1, Deadlines: lyingDeadlines,
		Flags: func(m *market.Market, name string) []string {
			if name == "seller-1" {
				return nil
			}
			return liars.only(m, name)
		},
	})
	for field, change := range dealLies() {
		t.Run(field, func(t *testing.T) {
			m := m.In(t)
			lie, found := adversary.Lie{GRPC: tellDeal(change)}, "another "+field
			validator, buyer := liars["validator-1"], liars["buyer"]
			defer validator.Tell(adversary.Lie{})
			defer buyer.Tell(adversary.Lie{})

			validator.Tell(lie)
			pool := m.OpenPool(market.Pool{})
			m.AddSample(m.Sellers[0], field, sample.Options{Kind: sample.Patient, Patients: 20, Seed: pool})
			sale := m.WaitSale(m.Sellers[0], m.Sell(m.Sellers[0], pool, field).Id, pdx.DealOffered)
			named(m, m.Validators[0], validator, found)
			require.Empty(t, m.Deal(sale.DealId).Certificates)
			validator.Tell(adversary.Lie{})
			sale = m.WaitSale(m.Sellers[0], sale.Id, pdx.DealCertified)

			buyer.Tell(lie)
			m.Pull(pool)
			named(m, m.Buyer, buyer, found)
			require.Equal(t, pdx.DealCertified, m.Deal(sale.DealId).State)
			buyer.Tell(adversary.Lie{})
			m.Bought(m.WaitSale(m.Sellers[0], sale.Id, pdx.DealFinal))
		})
	}
}

// dealLies change what validator and buyer rely on, by the name of the field.
func dealLies() map[string]func(*types.Deal) {
	stranger := seal.NewBuyerKey().Public()
	return map[string]func(*types.Deal){
		"dataset":      func(d *types.Deal) { d.Dataset.Root = append([]byte{d.Dataset.Root[0] ^ 1}, d.Dataset.Root[1:]...) },
		"buyer_key":    func(d *types.Deal) { d.BuyerKey = stranger[:] },
		"criteria_cid": func(d *types.Deal) { d.CriteriaCid = pdx.ContentID(stranger).Bytes() },
		"price":        func(d *types.Deal) { d.Price = d.Price.MulRaw(2) },
	}
}

// named waits until a node's health says what its endpoint lied about.
func named(m *market.Market, node *procs.Member, liar *adversary.Liar, found string) {
	m.T.Helper()
	m.Until(3*market.Patience, fmt.Sprintf("%s names the liar", node.Name), func(ctx context.Context) error {
		return unwell(ctx, node, "proofs", liar.RPC, found)
	})
}
