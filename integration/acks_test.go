package integration_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestQuorumPaysThoughTheBuyerNeverAcks has a buyer that opens a pool of ack mode
// quorum and then lets everything lie. The validators promised the ciphertext, so
// the seller is paid all the same.
func TestQuorumPaysThoughTheBuyerNeverAcks(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Validators: 2, Sellers: 1, Deadlines: "certify=120s,ack=10s,key=120s,dispute=2s"})
	seller := m.Sellers[0]
	before := m.Books()
	pool := m.OpenPool(market.Pool{AckMode: pdx.AckQuorum})
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 50, Seed: 1})
	sale := m.WaitSale(seller, m.Sell(seller, pool, "patients").Id, pdx.DealFinal)
	deal := m.Deal(sale.DealId)
	require.Equal(t, pdx.AckQuorum, deal.AckMode)
	for _, c := range deal.Accepted() {
		require.True(t, c.Available)
		require.Greater(t, c.ExpiryHeight, deal.AckHeight)
	}
	require.Greater(t, deal.AckHeight, deal.Entered(pdx.DealCertified).Height)
	_, err := m.PullOf(t.Context(), pool, sale.DealId)
	require.ErrorIs(t, err, pdx.ErrNotFound, "the buyer did nothing")
	m.PaidOut(market.Patience)
	m.Balanced(before, map[*procs.Member]int64{
		m.Buyer: -int64(market.Price), seller: sellersShare, m.Validators[0]: commission, m.Validators[1]: commission,
	})
	m.Until(market.Patience, "the validators let go of the ciphertext", func(ctx context.Context) error {
		for _, v := range m.Validators {
			st, err := v.Client().Status(ctx, &nodepb.StatusRequest{})
			if err == nil && st.KeptBytes != 0 {
				err = fmt.Errorf("%s keeps %d bytes", v.Name, st.KeptBytes)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// TestPullFromAValidator takes the seller away once its dataset is certified. The
// buyer pulls from a validator, and acknowledges on chain, as nobody takes its
// voucher; the seller comes back and delivers.
func TestPullFromAValidator(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1, Deadlines: "certify=120s,ack=60s,key=300s,dispute=2s"})
	seller := m.Sellers[0]
	pool := m.OpenPool(market.Pool{})
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 2000, Seed: 1})
	sale := m.WaitSale(seller, m.Sell(seller, pool, "patients").Id, pdx.DealCertified)
	seller.Kill()
	st, err := m.Validators[0].Client().Status(t.Context(), &nodepb.StatusRequest{})
	require.NoError(t, err)
	require.Equal(t, m.Deal(sale.DealId).Dataset.Size, st.KeptBytes)
	m.Pull(pool)
	deal := m.WaitDeal(sale.DealId, pdx.DealAcked)
	m.Until(market.Patience, "the buyer holds all of it", func(ctx context.Context) error {
		p, err := m.PullOf(ctx, pool, sale.DealId)
		if err == nil && p.State != "acked" {
			err = fmt.Errorf("its pull is %s (%s)", p.State, p.Reason)
		}
		return err
	})
	require.NotZero(t, deal.AckHeight)
	m.Must(seller.Start(t.Context()), "start the seller again")
	m.Bought(m.WaitSale(seller, sale.Id, pdx.DealFinal))
}

// TestVoucher sells without an ack on chain: after the buyer has ordered, it sends
// no transaction at all.
func TestVoucher(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1})
	seller := m.Sellers[0]
	pool := m.OpenPool(market.Pool{})
	before := m.Books()
	m.Pull(pool)
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 50, Seed: 1})
	sale := m.WaitSale(seller, m.Sell(seller, pool, "patients").Id, pdx.DealFinal)
	m.Bought(sale)
	deal := m.Deal(sale.DealId)
	require.Equal(t, deal.Entered(pdx.DealAcked).Height, deal.Entered(pdx.DealDelivered).Height, "one transaction did both")
	require.Equal(t, deal.Entered(pdx.DealCertified).Height, deal.AckHeight)
	head, err := m.Chain.Head(t.Context())
	require.NoError(t, err)
	sent, err := m.Transactions(t.Context(), before.Height, head.Height)
	require.NoError(t, err)
	require.NotEmpty(t, sent)
	for _, tx := range sent {
		require.NotEqual(t, m.Buyer.Account, tx.Payer, "the buyer sent a transaction at height %d", tx.Height)
	}
}

// TestVouchersThroughKills kills the buyer, the seller and both as soon as a deal
// is certified, when a voucher is made, on its way, taken or used. Each deal is
// paid once and opened.
func TestVouchersThroughKills(t *testing.T) {
	m := market.Open(t, market.Options{Validators: 1, Sellers: 1, Deadlines: "certify=120s,ack=120s,key=120s,dispute=2s"})
	seller := m.Sellers[0]
	before := m.Books()
	victims := map[string][]*procs.Member{"buyer": {m.Buyer}, "seller": {seller}, "both": {m.Buyer, seller}}
	pool := m.OpenPool(market.Pool{Count: uint64(len(victims))})
	m.Pull(pool)
	for name, killed := range victims {
		m.AddSample(seller, name, sample.Options{Kind: sample.Patient, Patients: 300, Seed: uint64(len(name))})
		sale := m.Sell(seller, pool, name)
		m.Until(market.Patience, "the deal is certified", func(ctx context.Context) error {
			now, err := market.SaleOf(ctx, seller, sale.Id)
			if err != nil {
				return err
			}
			if now.DealId == 0 {
				return fmt.Errorf("it is %s", now.State)
			}
			deal, err := m.Chain.Deal(ctx, pdx.DealID(now.DealId))
			if err == nil && deal.State == pdx.DealOffered {
				err = fmt.Errorf("it is %s", deal.State)
			}
			return err
		})
		for _, n := range killed {
			n.Kill()
		}
		m.Must(market.All(killed, func(n *procs.Member) error { return n.Start(t.Context()) }), "start them again")
		m.Bought(m.WaitSale(seller, sale.Id, pdx.DealFinal))
	}
	m.PaidOut(market.Patience)
	validators := int64(len(victims)) * (int64(market.Reward) + int64(market.Price-market.Reward)*market.Commission/10_000)
	m.Balanced(before, map[*procs.Member]int64{
		m.Buyer: -int64(len(victims)) * int64(market.Price), m.Validators[0]: validators,
		seller: int64(len(victims))*int64(market.Price) - validators,
	})
}
