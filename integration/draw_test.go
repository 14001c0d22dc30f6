package integration_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/client"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/keys"
	"github.com/medibloc/pdx/node/procs"
)

// TestDraw sells into a pool that draws two of three validators. Only those are
// asked, and only those certify. Then a seller offers and never opens its key to
// anybody: the drawn validators see their duty and say in time that it was
// unavailable.
func TestDraw(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Validators: 3, Sellers: 2, Deadlines: "certify=40s,ack=120s,key=120s,dispute=2s"})
	honest, silent := m.Sellers[0], m.Sellers[1]
	pool := m.OpenPool(market.Pool{Count: 2, Draw: 2, Required: 2})
	m.Pull(pool)
	m.AddSample(honest, "patients", sample.Options{Kind: sample.Patient, Patients: 50, Seed: 1})
	sale := m.WaitSale(honest, m.Sell(honest, pool, "patients").Id, pdx.DealFinal)
	m.Bought(sale)
	deal := m.Deal(sale.DealId)
	require.Len(t, deal.Draw.Candidates, 3)
	require.True(t, deal.Draw.Revealed, "the buyer's node has its part in it by itself")
	require.Len(t, deal.Validators, 2)
	require.Len(t, deal.Accepted(), 2)
	for _, c := range deal.Certificates {
		require.Contains(t, deal.Validators, c.Validator)
	}

	id := offerAndBeSilent(t, m, silent, pool)
	var drawn pdx.Deal
	m.Until(market.Patience, "the drawn validators see their duty", func(ctx context.Context) (err error) {
		if drawn, err = m.Chain.Deal(ctx, id); err != nil {
			return err
		}
		if drawn.Undrawn() {
			return fmt.Errorf("deal %d is not drawn", id)
		}
		for _, v := range m.Validators {
			st, err := v.Client().Status(ctx, &nodepb.StatusRequest{})
			if err != nil {
				return err
			}
			owes := slices.ContainsFunc(st.Duties, func(d *nodepb.Duty) bool { return d.DealId == uint64(id) })
			if owes != slices.Contains(drawn.Validators, v.Account) {
				return fmt.Errorf("%s shows duties %v", v.Name, st.Duties)
			}
		}
		return nil
	})
	lapsed := m.WaitDeal(uint64(id), pdx.DealLapsed)
	require.NotEmpty(t, lapsed.Certificates)
	for _, c := range lapsed.Certificates {
		require.Equal(t, pdx.RejectUnavailable, c.Reason)
	}
	for _, v := range m.Validators {
		on, err := m.Chain.Validator(t.Context(), v.Account)
		require.NoError(t, err)
		require.Zero(t, on.MissedDuties, v.Name)
		require.Equal(t, pdx.ValidatorBonded, on.Status)
	}
}

// offerAndBeSilent has a seller's account offer a dataset that nobody serves.
func offerAndBeSilent(t *testing.T, m *market.Market, seller *procs.Member, pool uint64) pdx.DealID {
	t.Helper()
	require.NoError(t, seller.Stop()) // its keys are locked while it runs
	ends, k := m.Fleet.Endpoints(), keysOf(t, seller)
	chain, err := client.New(client.Config{ChainID: ends.ChainID, GRPC: ends.GRPC, RPC: ends.RPC, Keyring: k.Keyring(), KeyName: keys.Name})
	require.NoError(t, err)
	defer func() { require.NoError(t, chain.Close()) }()

	read, err := chain.Pool(t.Context(), pdx.PoolID(pool))
	require.NoError(t, err)
	sealed := datapooltest.Seal([]byte(rand.Text()))
	id, err := chain.Offer(t.Context(), sealed.Offer(ends.ChainID, read, chain.Account()))
	require.NoError(t, err)
	return id
}
