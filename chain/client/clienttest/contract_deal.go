package clienttest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/exchange/attest"
)

func testDeal(m *market) {
	deposit, sellerHad := m.deposit(), m.spendable(m.seller)
	pool := m.openPool(2, 2)
	offer, sealed := m.newOffer(pool, 2)
	id, err := m.seller.Offer(m.ctx, offer)
	require.NoError(m, err)
	m.sealed[id] = sealed
	m.requireSpent(m.seller, sellerHad, deposit, 1)

	deal := m.deal(id)
	require.Equal(m, pdx.Deal{
		ID: id, Pool: pool, Seller: m.seller.Account(), Buyer: m.buyer.Account(), Dataset: offer.Dataset,
		BuyerKey: m.key.Public(), Price: price, Deposit: deposit, Criteria: m.pool(pool).Criteria, Required: 2,
		Validators: m.accounts(2), Fields: offer.Fields, Agreed: offer.Agreed, State: pdx.DealOffered,
		AckMode: pdx.AckBuyer, BlockTime: deal.BlockTime, FieldsHash: attest.FieldsHash(offer.Fields), TermsHash: offer.TermsHash,
		Deadlines: pdx.Deadlines{Certify: long, Ack: long + time.Second, Key: long, Dispute: short + time.Second},
		Stake:     deal.Stake,
		History:   deal.History, DeadlineHeight: deal.DeadlineHeight, DeadlineTime: deal.DeadlineTime,
	}, deal)
	require.Len(m, deal.History, 1)
	require.Equal(m, deal.DeadlineTime, deal.History[0].Time.Add(long).Round(0))
	require.Greater(m, deal.DeadlineHeight, deal.History[0].Height)
	byRoot, err := m.seller.DealByRoot(m.ctx, pool, offer.Dataset.Root, offer.Dataset.Key)
	require.NoError(m, err)
	require.Equal(m, deal, byRoot)

	m.certify(id, 2)
	requireCertificates(m, id)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(id)))
	acked := m.deal(id)
	require.Equal(m, pdx.DealAcked, acked.State)
	require.Equal(m, acked.History[2].Height, acked.AckHeight)

	delivery := m.delivery(id)
	require.NoError(m, m.seller.Deliver(m.ctx, delivery))
	delivered := m.deal(id)
	require.Equal(m, &delivery, delivered.Delivery)
	opening, err := m.key.Recover(delivered.Delivery.D1, delivered.Delivery.D2)
	require.NoError(m, err)
	require.Equal(m, sealed.Key.Opening(), opening)

	m.passDeal(id)
	requirePaid(m, pool, id)
}

func requireCertificates(m *market, id pdx.DealID) {
	deal := m.deal(id)
	require.Equal(m, pdx.DealCertified, deal.State)
	require.Len(m, deal.Certificates, 2)
	for i, c := range deal.Certificates {
		require.Equal(m, m.validators[i].Account(), c.Validator)
		require.True(m, c.Accepted)
		require.True(m, c.Available)
		require.Equal(m, m.accept().Report, c.Report)
		require.EqualValues(m, commission, c.Commission)
		require.Positive(m, c.Height)
		require.Greater(m, c.ExpiryHeight, c.Height)
	}
	pool := m.pool(deal.Pool)
	require.EqualValues(m, 1, pool.ReservedCount)
	require.Equal(m, price, pool.Escrow, "of two prices one is reserved")
}

// requirePaid checks all balances after the only deal of a pool of two.
func requirePaid(m *market, pool pdx.PoolID, id pdx.DealID) {
	deal := m.deal(id)
	require.Equal(m, []pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered, pdx.DealFinal}, states(deal))
	var sum pdx.Amount
	for _, share := range deal.Shares {
		sum += share.Amount
	}
	require.Equal(m, price, sum)
	const fee = price * commission / 10_000
	require.Equal(m, fee, m.withdrawable(m.validators[0]))
	require.Equal(m, fee, m.withdrawable(m.validators[1]))
	require.Equal(m, price-2*fee+m.deposit(), m.withdrawable(m.seller))

	for _, l := range []Ledger{m.seller, m.validators[0]} {
		had, due := m.spendable(l), m.withdrawable(l)
		paid, err := l.Withdraw(m.ctx)
		require.NoError(m, err)
		require.Equal(m, due, paid)
		m.requireSpent(l, had+paid, 0, 1)
		require.Zero(m, m.withdrawable(l))
		_, err = l.Withdraw(m.ctx)
		require.ErrorIs(m, err, pdx.ErrNoFunds)
	}

	refund, _, err := m.buyer.ClosePool(m.ctx, pool, anyCost)
	require.NoError(m, err)
	require.Equal(m, price, refund)
	require.Equal(m, price, m.withdrawable(m.buyer))
	closed := m.pool(pool)
	require.Equal(m, pdx.PoolClosed, closed.Status)
	require.EqualValues(m, 1, closed.DeliveredCount)
	require.Zero(m, closed.Escrow)
}

func testDeadlines(m *market) {
	quick := func(d pdx.Deadlines) func(*pdx.NewPool) {
		return func(p *pdx.NewPool) { p.Deadlines = d }
	}
	pool := m.openPool(1, 1, quick(pdx.Deadlines{Certify: short, Ack: long, Key: long, Dispute: short}))
	lapsed := m.offer(pool, 1)
	m.passDeal(lapsed)
	require.Equal(m, pdx.DealLapsed, m.deal(lapsed).State)
	require.Equal(m, m.deposit(), m.withdrawable(m.seller))
	_, err := m.seller.DealByRoot(m.ctx, pool, m.sealed[lapsed].Dataset.Root, m.sealed[lapsed].Dataset.Key)
	require.ErrorIs(m, err, pdx.ErrNotFound, "a deal that lapsed claims its dataset no longer")

	p := m.newPool(1, 1)
	quick(pdx.Deadlines{Certify: long, Ack: short, Key: long, Dispute: short})(&p)
	pool, err = m.buyer.CreatePool(m.ctx, p)
	require.NoError(m, err)
	unacked := m.offer(pool, 1)
	m.certify(unacked, 1)
	m.passDeal(unacked)
	require.Equal(m, pdx.DealUnacked, m.deal(unacked).State)
	params, err := m.buyer.Params(m.ctx)
	require.NoError(m, err)
	half := pdx.Amount(params.OfferCost) / 2 // verdicts earn nothing in this pool
	require.Equal(m, price-half, m.pool(pool).Escrow, "the price comes back, but for the buyer's half of what the offer cost")

	p = m.newPool(1, 1)
	quick(pdx.Deadlines{Certify: long, Ack: long, Key: short, Dispute: short})(&p)
	pool, err = m.buyer.CreatePool(m.ctx, p)
	require.NoError(m, err)
	undelivered := m.offer(pool, 1)
	m.certify(undelivered, 1)
	require.NoError(m, m.buyer.Ack(m.ctx, m.acked(undelivered)))
	_, err = m.seller.Expire(m.ctx, undelivered)
	require.ErrorIs(m, err, pdx.ErrWrongState, "its time is not over, or its end came by itself")
	require.ErrorIs(m, m.seller.Finalize(m.ctx, undelivered), pdx.ErrWrongState)
	_, err = m.seller.Expire(m.ctx, undelivered+1)
	require.ErrorIs(m, err, pdx.ErrNotFound)
	m.passDeal(undelivered)
	ended := m.deal(undelivered)
	require.Equal(m, pdx.DealUndelivered, ended.State)
	require.Nil(m, ended.Delivery)
	require.True(m, ended.State.Ended())
}
