package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestAnUnacknowledgedDealPaysWhatItCost and no reward, because the chain cannot tell whether
// the buyer or those who should have served the ciphertext were idle: each bears a half.
func TestAnUnacknowledgedDealPaysWhatItCost(t *testing.T) {
	m := rewarding(t)
	m.DealIn(types.DEAL_STATE_UNACKED)
	const half = (verdictCost + offerCost) / 2
	require.Equal(t, wholeDeposit-verdictCost+half, m.Withdrawable(m.Seller))
	require.Equal(t, verdictCost, m.Withdrawable(m.Validators[0]))
	require.Equal(t, uint64(9*datapooltest.Price-half), m.GetPool().Escrow.Uint64())
	require.Equal(t, uint64(half), m.GetPool().AckCosts.Uint64())
	m.CheckInvariants()
}

// TestADrawIsItsBuyersPart of what an unacknowledged deal cost, as the offer is its seller's.
func TestADrawIsItsBuyersPart(t *testing.T) {
	m := rewarding(t, func(p *types.MsgCreatePool) { p.DrawCount = 3 })
	id := m.Offer()
	drawNow(t, m)
	m.Must(m.NewAccept(id, drawnFor(m, id)[0]))
	m.Expire(id)
	require.Equal(t, wholeDeposit-drawnCost+drawnCost/2, m.Withdrawable(m.Seller))
	require.Equal(t, uint64(drawnCost/2), m.GetPool().AckCosts.Uint64())
	m.CheckInvariants()
}

// TestALapsedAckTakesADatasetFromThePool: what it cost its buyer is no more there to pay for
// one. The last price that is not whole comes back when the pool ends.
func TestALapsedAckTakesADatasetFromThePool(t *testing.T) {
	m := rewarding(t)
	m.Pool = m.OpenPool(2)
	first, second := m.Offer(), m.Offer()
	m.Accept(first)
	m.Accept(second)
	m.Expire(first)
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(first).State)
	require.Equal(t, uint64(1), m.GetPool().ReservedCount)
	requireRefused(t, m, m.SellerOffer(m.NewSealed()), types.ErrPoolFull)
	m.Expire(second)
	third := m.Offer()
	m.Accept(third)
	m.CheckInvariants()
	half := pdx.Amount(m.GetPool().AckCosts.Uint64()) / 2
	refund := m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool}).(*types.MsgClosePoolResponse).Refund
	require.Equal(t, datapooltest.Coin(datapooltest.Price-2*half), refund)
	had := m.Withdrawable(m.Buyer)
	m.Expire(third)
	require.Equal(t, had+datapooltest.Price-half, m.Withdrawable(m.Buyer))
	m.CheckInvariants()
}

// TestClosingPaysWhatWaitingOffersCost: from the escrow, from the buyer where it has less,
// and with what was in force when the pool was created.
func TestClosingPaysWhatWaitingOffersCost(t *testing.T) {
	for _, price := range []pdx.Amount{1, offerCost, datapooltest.Price} {
		m := datapooltest.NewMarket(t, 1)
		m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Economy()})
		m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) {
			p.Price, p.Escrow = datapooltest.Coin(price), datapooltest.Coin(price)
		})
		m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: datapooltest.Params()})
		offered, withdrawn, decided := m.Offer(), m.Offer(), m.Offer()
		had := m.Spendable(m.Buyer)
		require.Equal(t, uint64(3*offerCost), m.CloseCost())
		res := m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool, MaxCost: uint64(3 * offerCost)}).(*types.MsgClosePoolResponse)
		require.Equal(t, datapooltest.Coin(3*offerCost), res.Held)
		paid := had - m.Spendable(m.Buyer)
		require.Equal(t, 3*offerCost, paid+price-pdx.Amount(res.Refund.Amount.Uint64()))
		require.Zero(t, m.CloseCost())
		m.CheckInvariants()

		m.Must(&types.MsgWithdrawOffer{Seller: string(m.Seller), DealId: withdrawn})
		for _, v := range m.Validators {
			m.Must(m.NewReject(decided, v))
		}
		m.CheckInvariants()
		m.Expire(offered)
		require.Equal(t, 2*(deposit+offerCost), m.Withdrawable(m.Seller), "what all have rejected is not the buyer's fault")
		require.Equal(t, pdx.Amount(res.Refund.Amount.Uint64())+offerCost, m.Withdrawable(m.Buyer))
		m.CheckInvariants()
	}
}
