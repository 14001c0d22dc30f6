package integration_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/procs"
)

// TestExpire lets one deal wait for a buyer who never pulls, and another for a
// seller who goes away when the buyer has pulled. Both prices go back to their
// pools; the deposit goes to whom the seller kept waiting: the validator has its reward, and
// the buyer the rest.
func TestExpire(t *testing.T) {
	t.Setenv("PDX_BUYER_SIGNED_ACKS", "false") // else the seller might deliver before it is killed
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1, Deadlines: market.Impatient})
	seller := m.Sellers[0]
	before := m.Books()
	ignored, pulled := m.OpenPool(market.Pool{}), m.OpenPool(market.Pool{})
	m.Pull(pulled)
	for i, name := range []string{"one", "two"} {
		m.AddSample(seller, name, sample.Options{Kind: sample.Patient, Patients: 50, Seed: uint64(i)})
	}
	waits := m.WaitSale(seller, m.Sell(seller, ignored, "one").Id, pdx.DealCertified)
	kept := m.WaitSale(seller, m.Sell(seller, pulled, "two").Id, pdx.DealCertified)
	// The buyer waits some seconds for others to share its acknowledgement.
	m.Until(market.Patience, "the buyer has pulled", func(ctx context.Context) error {
		p, err := m.PullOf(ctx, pulled, kept.DealId)
		if err == nil && p.State != "held" {
			err = fmt.Errorf("its pull is %s", p.State)
		}
		return err
	})
	seller.Kill()

	undelivered := m.WaitDeal(kept.DealId, pdx.DealUndelivered)
	require.NotZero(t, undelivered.AckHeight)
	require.Nil(t, undelivered.Delivery)
	half := market.UnackedHalf(m.WaitDeal(waits.DealId, pdx.DealUnacked))
	for id, escrow := range map[uint64]pdx.Amount{ignored: market.Price - half, pulled: market.Price} {
		pool, err := m.Chain.Pool(t.Context(), pdx.PoolID(id))
		require.NoError(t, err)
		require.Equal(t, escrow, pool.Escrow, "what is not paid comes back")
	}
	m.Must(seller.Start(t.Context()), "start the seller again")
	m.WaitSale(seller, kept.Id, pdx.DealUndelivered)
	m.WaitSale(seller, waits.Id, pdx.DealUnacked)
	m.PaidOut(market.Patience)
	m.Balanced(before, map[*procs.Member]int64{
		m.Buyer:         int64(undelivered.Deposit-market.Reward) - 2*int64(market.Price), // its half was in escrow
		m.Validators[0]: int64(market.Reward + market.VerdictCost),
		seller:          int64(half) - int64(undelivered.Deposit+market.VerdictCost),
	})
	p, err := m.PullOf(t.Context(), pulled, kept.DealId)
	require.NoError(t, err)
	require.Equal(t, string(pdx.DealUndelivered), p.State)
	require.Empty(t, p.Path)
}
