package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func TestWithdrawOfferRefusals(t *testing.T) {
	type M = types.MsgWithdrawOffer
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.WithdrawOffer, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
		return m, &M{Seller: string(m.Seller), DealId: m.Offer()}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Seller = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"not the seller", func(x market, m *M) { m.Seller = string(x.Buyer) }, types.ErrNotSeller},
		{"after an accept", func(x market, m *M) { x.Must(x.NewAccept(m.DealId, x.Validators[0])) }, types.ErrOfferStands},
		{"after a reject", func(x market, m *M) { x.Must(x.NewReject(m.DealId, x.Validators[2])) }, types.ErrOfferStands},
		{"certified", func(x market, m *M) { x.Accept(m.DealId) }, types.ErrDealState},
		{"lapsed", func(x market, m *M) { x.Expire(m.DealId) }, types.ErrDealState},
		{"twice", func(x market, m *M) { x.Must(m) }, types.ErrDealState},
		{"drawn", func(x market, m *M) {
			x.Pool = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
			m.DealId = x.Offer()
			drawNow(t, x)
			require.NotEmpty(t, drawnFor(x, m.DealId))
		}, types.ErrOfferStands},
		{"whose draw block is over", func(x market, m *M) {
			x.Pool = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
			m.DealId = x.Offer()
			nextBlock(t, x)
			nextBlock(t, x)
		}, types.ErrOfferStands},
	})
}

func TestAWithdrawnOfferLeavesNothing(t *testing.T) {
	for _, draw := range []uint32{0, 1} {
		m := datapooltest.NewMarket(t, 1, func(p *types.MsgCreatePool) { p.DrawCount = draw })
		id := m.Offer()
		m.Must(&types.MsgWithdrawOffer{Seller: string(m.Seller), DealId: id})
		require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
		require.Equal(t, pdx.Amount(1_000_000), m.Withdrawable(m.Seller), "the deposit comes back")
		m.CheckInvariants()

		again := m.OfferSealed(m.Sealed[id])
		require.NotEqual(t, id, again, "the dataset may be offered again")
		if draw > 0 {
			drawNow(t, m)
			require.Empty(t, drawnFor(m, id), "nobody is drawn for an offer that is gone")
			require.NotEmpty(t, drawnFor(m, again))
		}
		m.CheckInvariants()
	}
}

// A late offer whose deadline nobody executed may be withdrawn: it would lapse anyway.
func TestALateOfferMayBeWithdrawn(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.Offer()
	m.PastDeal(id)
	m.Must(&types.MsgWithdrawOffer{Seller: string(m.Seller), DealId: id})
	m.CheckInvariants()
}
