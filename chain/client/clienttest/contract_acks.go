package clienttest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/exchange/attest"
)

// testDraw sells through a pool that draws two of three validators.
func testDraw(m *market) {
	pool := m.openPool(1, 3, func(p *pdx.NewPool) {
		p.Draw, p.Certificates, p.Reward = 2, 2, 700_000
		p.DrawCommitment = m.key.DrawChain(datapooltest.DrawLength).Commitment()
	})
	require.EqualValues(m, 2, m.pool(pool).Draw)
	require.EqualValues(m, 700_000, m.pool(pool).Reward)
	from := m.head().Height
	id := m.offerToAll(pool)
	offered := m.deal(id)
	require.Equal(m, []pdx.DealID{id}, m.deals(pdx.DealFilter{Pool: pool, Undrawn: true}))
	m.Pass(offered.DrawBlockHeight()+2, time.Time{})
	requireRevealed(m, pool)
	deal := m.deal(id)
	require.False(m, deal.Undrawn())
	require.Empty(m, m.deals(pdx.DealFilter{Pool: pool, Undrawn: true}))
	require.Greater(m, deal.Draw.Height, offered.DrawBlockHeight())
	require.Equal(m, &pdx.Draw{Count: 2, Candidates: m.accounts(3), Height: deal.Draw.Height, Revealed: true}, deal.Draw)
	require.Len(m, deal.Validators, 2)
	require.Subset(m, m.accounts(3), deal.Validators)
	require.Contains(m, story(m.follow(from, m.head().Height)), pdx.Event{Kind: "EventDrawn", Pool: pool, Deal: id})

	for _, v := range m.validators {
		if !slices.Contains(deal.Validators, v.Account()) {
			require.Empty(m, m.deals(pdx.DealFilter{Validator: v.Account()}))
			require.ErrorIs(m, v.Certify(m.ctx, id, m.facts(id), m.accept()), pdx.ErrRefused, "it was not drawn")
		}
	}
	for _, drawn := range deal.Validators {
		require.Equal(m, []pdx.DealID{id}, m.deals(pdx.DealFilter{Validator: drawn}))
		v := m.validators[slices.Index(m.accounts(3), drawn)]
		require.NoError(m, v.Certify(m.ctx, id, m.facts(id), m.accept()))
	}
	require.Equal(m, pdx.DealCertified, m.deal(id).State)
	require.EqualValues(m, 700_000, deal.Reward)
	for _, drawn := range deal.Validators {
		v := m.validator(m.validators[slices.Index(m.accounts(3), drawn)])
		require.Equal(m, deal.Stake, v.Staked)
	}
}

// offerToAll offers into a pool that draws: no validator is named.
func (m *market) offerToAll(pool pdx.PoolID) pdx.DealID {
	m.Helper()
	o, sealed := m.newOffer(pool, 3)
	_, err := m.seller.Offer(m.ctx, o)
	require.ErrorIs(m, err, pdx.ErrInvalid, "nobody names candidates")
	o.Validators = nil
	id, err := m.seller.Offer(m.ctx, o)
	require.NoError(m, err)
	m.sealed[id] = sealed
	return id
}

// requireRevealed has the buyer reveal its part, which the chain takes once and of nobody else.
func requireRevealed(m *market, pool pdx.PoolID) {
	m.Helper()
	preimage, err := m.key.DrawChain(datapooltest.DrawLength).Preimage(m.pool(pool).DrawCommitment)
	require.NoError(m, err)
	// A simulation runs at the height of the last state, which may be a block behind.
	reveal := pdx.Reveal{Pool: pool, Preimage: preimage, Height: m.head().Height - 2}
	require.ErrorIs(m, m.seller.Reveal(m.ctx, reveal), pdx.ErrRefused, "not the buyer's")
	require.ErrorIs(m, m.seller.Draw(m.ctx, pool), pdx.ErrWrongState, "the buyer has time")
	early := reveal
	early.Height += 1_000_000
	require.ErrorIs(m, m.buyer.Reveal(m.ctx, early), pdx.ErrInvalid)
	had := m.spendable(m.buyer)
	require.NoError(m, m.buyer.Reveal(m.ctx, reveal))
	m.requireSpent(m.buyer, had, 0, 1)
	had = m.spendable(m.buyer)
	require.ErrorIs(m, m.buyer.Reveal(m.ctx, reveal), pdx.ErrRefused, "once")
	require.Equal(m, had, m.spendable(m.buyer), "and again costs nothing")
	after := m.pool(pool)
	require.Equal(m, preimage, after.DrawCommitment)
	require.Equal(m, reveal.Height, after.DrawHeight)
	require.Greater(m, after.RevealHeight, reveal.Height)
}

func testQuorum(m *market) {
	m.bond(1)
	p := m.newPool(2, 1)
	p.AckMode, p.Deadlines.Ack = pdx.AckQuorum, short
	pool, err := m.buyer.CreatePool(m.ctx, p)
	require.NoError(m, err)
	require.Equal(m, pdx.AckQuorum, m.pool(pool).AckMode)
	promised, alone := m.offer(pool, 1), m.offer(pool, 1)
	m.certify(promised, 1)
	noPromise := m.accept()
	noPromise.Available = false
	require.NoError(m, m.validators[0].Certify(m.ctx, alone, m.facts(alone), noPromise))

	require.True(m, m.deal(promised).AckedByDefault())
	require.Equal(m, pdx.DealLapsed, m.deal(alone).State, "the only validator does not promise")
	require.ErrorIs(m, m.seller.DefaultAck(m.ctx, alone), pdx.ErrWrongState)
	m.passDeal(promised)
	acked := m.deal(promised)
	require.Equal(m, pdx.DealAcked, acked.State)
	require.Equal(m, acked.Entered(pdx.DealAcked).Height, acked.AckHeight)
	require.ErrorIs(m, m.seller.DefaultAck(m.ctx, promised), pdx.ErrWrongState, "the end of a block did it")
	require.NoError(m, m.seller.Deliver(m.ctx, m.delivery(promised)))
	require.ErrorIs(m, m.seller.DefaultAck(m.ctx, 9), pdx.ErrNotFound)

	mode := m.newPool(1, 1)
	mode.AckMode = "anybody"
	_, err = m.buyer.CreatePool(m.ctx, mode)
	require.ErrorIs(m, err, pdx.ErrInvalid)
}

// signedAck returns the buyer's signed ack of a deal, for a delivery after its certification.
func (m *market) signedAck(id pdx.DealID, expiry int64) pdx.AckVoucher {
	m.Helper()
	deal := m.deal(id)
	v := pdx.AckVoucher{AckHeight: deal.Entered(pdx.DealCertified).Height, ExpiryHeight: expiry}
	signature, public := m.Sign("buyer", attest.SignedAckOf(m.head().ChainID, deal, v).SignBytes())
	copy(v.Signature[:], signature)
	copy(v.PublicKey[:], public)
	return v
}

func testVoucher(m *market) {
	pool := m.openPool(2, 1)
	id, other := m.offer(pool, 1), m.offer(pool, 1)
	m.certify(id, 1)
	m.certify(other, 1)
	height := m.head().Height
	voucher := m.signedAck(id, height+1_000_000)
	delivery := m.delivery(id, voucher.AckHeight)
	delivery.SignedAck = &voucher
	m.Pass(height, time.Time{})

	require.ErrorIs(m, m.seller.Deliver(m.ctx, m.delivery(id, voucher.AckHeight)), pdx.ErrWrongState, "without the voucher")
	forged := voucher
	forged.ExpiryHeight++
	wrong := delivery
	wrong.SignedAck = &forged
	require.ErrorIs(m, m.seller.Deliver(m.ctx, wrong), pdx.ErrRefused, "the buyer signed another height")
	brief := m.signedAck(id, height+1)
	wrong.SignedAck = &brief
	require.ErrorIs(m, m.seller.Deliver(m.ctx, wrong), pdx.ErrRefused, "it holds for too short")
	foreign := m.delivery(other, voucher.AckHeight)
	foreign.SignedAck = &voucher
	require.ErrorIs(m, m.seller.Deliver(m.ctx, foreign), pdx.ErrRefused, "it is another deal's")

	require.NoError(m, m.seller.Deliver(m.ctx, delivery))
	deal := m.deal(id)
	require.Equal(m, pdx.DealDelivered, deal.State)
	require.Equal(m, voucher.AckHeight, deal.AckHeight)
	require.Equal(m, []pdx.DealState{pdx.DealOffered, pdx.DealCertified, pdx.DealAcked, pdx.DealDelivered}, states(deal))
	require.ErrorIs(m, m.buyer.Ack(m.ctx, m.acked(id)), pdx.ErrWrongState)
	require.ErrorIs(m, m.seller.Deliver(m.ctx, delivery), pdx.ErrWrongState)
}
