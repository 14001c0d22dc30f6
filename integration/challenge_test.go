package integration_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/sample"
	"github.com/medibloc/pdx/integration/adversary"
	"github.com/medibloc/pdx/integration/market"
	"github.com/medibloc/pdx/node/api/nodepb"
	"github.com/medibloc/pdx/node/procs"
)

// TestABrokenPromise has a validator promise a ciphertext that it does not have, of a seller
// that serves nobody. The buyer's owner challenges it: the deal ends unacked, and the price is
// the pool's again.
func TestABrokenPromise(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{
		Validators: 1, Deadlines: "certify=120s,ack=90s,key=60s,dispute=2s", Chain: []string{"--challenge-time", "5s"},
	})
	victim := m.Validators[0]
	pool := m.OpenPool(market.Pool{AckMode: pdx.AckQuorum})
	m.Pull(pool)
	swindler := newParty(m, "swindler")
	before := m.Books()
	read, err := swindler.Pool(t.Context(), pdx.PoolID(pool))
	require.NoError(t, err)
	offer := records.Offer(m.Fleet.Endpoints().ChainID, read, swindler.Account(), victim.Account)
	deal, err := swindler.Offer(t.Context(), offer)
	require.NoError(t, err)
	m.Must(victim.Stop(), "stop the validator") // its key is another program's now
	t.Run("the promise", func(t *testing.T) { adversary.NewParty(t, m.Fleet.Endpoints(), keysOf(t, victim)).Vouch(deal) })
	m.Until(market.Patience, "the promise is challenged", func(ctx context.Context) error { // once its deal is proven
		_, err := m.Buyer.Client().ChallengeDeal(ctx, &nodepb.ChallengeDealRequest{Id: uint64(deal), Chunks: []uint64{0, 1000}})
		return err
	})
	ended := m.WaitDeal(uint64(deal), pdx.DealUnacked)
	require.Equal(t, pdx.ChallengeUnanswered, ended.Challenge.State)
	require.Equal(t, pdx.BrokenPromise, ended.Conviction.Kind)
	require.Equal(t, []pdx.Share{{Address: victim.Account, Amount: ended.Stake}}, ended.Conviction.Slashed)
	require.Equal(t, pdx.Amount(600_000+1_000_200), ended.Conviction.Compensation, "the challenge's gas, and two MiB")
	m.Until(market.Patience, "the buyer knows what came back", func(ctx context.Context) error {
		p, err := m.PullOf(ctx, pool, uint64(deal))
		if err == nil && p.State != "unacked" {
			err = fmt.Errorf("its pull is %s (%s)", p.State, p.Reason)
		}
		return err
	})
	after, err := swindler.Pool(t.Context(), pdx.PoolID(pool))
	require.NoError(t, err)
	require.Equal(t, market.Price, after.Escrow, "the price is the pool's again")
	m.Must(victim.Start(t.Context()), "start the validator again")
	m.Conserved(before)
}

// TestAChallengeIsAnswered: the owner of the buyer's node asks, and the validator's node shows
// what it promised. The deal goes on, and is paid for though the buyer never pulls.
func TestAChallengeIsAnswered(t *testing.T) {
	t.Parallel()
	m := market.Open(t, market.Options{
		Validators: 2, Sellers: 1, Deadlines: "certify=120s,ack=20s,key=120s,dispute=2s", Chain: []string{"--challenge-time", "60s"},
	})
	seller, before := m.Sellers[0], m.Books()
	pool := m.OpenPool(market.Pool{AckMode: pdx.AckQuorum})
	m.AddSample(seller, "patients", sample.Options{Kind: sample.Patient, Patients: 500, Seed: 1})
	sale := m.WaitSale(seller, m.Sell(seller, pool, "patients").Id, pdx.DealCertified)
	m.Until(market.Patience, "the promises are challenged", func(ctx context.Context) error { // once the deal is proven
		sent, err := m.Buyer.Client().ChallengeDeal(ctx, &nodepb.ChallengeDealRequest{Id: sale.DealId})
		if err == nil && (sent.Number != 1 || len(sent.Chunks) != 4) {
			err = fmt.Errorf("challenge %d is about %v", sent.Number, sent.Chunks)
		}
		return err
	})
	m.WaitSale(seller, sale.Id, pdx.DealFinal)
	deal := m.Deal(sale.DealId)
	require.Equal(t, pdx.ChallengeAnswered, deal.Challenge.State)
	require.Equal(t, deal.Accepted()[0].Validator, deal.Challenge.AnsweredBy, "the first one's turn")
	m.PaidOut(market.Patience)
	fee := int64(deal.Challenge.Fee)
	gains := map[*procs.Member]int64{
		m.Buyer: -int64(market.Price) - fee, seller: sellersShare, m.Validators[0]: commission, m.Validators[1]: commission,
	}
	for _, v := range m.Validators {
		if v.Account == deal.Challenge.AnsweredBy {
			gains[v] += fee
		}
	}
	m.Balanced(before, gains)
}
