package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// What a seller could do while it named the candidates of its draws, and no longer can.

func TestASellerCannotNameWhoIsDrawn(t *testing.T) {
	m := drawMarket(t, 1)
	friend := m.Validators[2]
	requireRefused(t, m, m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), friend), types.ErrDrawAccepts)
	requireRefused(t, m, m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...), types.ErrDrawAccepts)
	m.Must(m.SellerOffer(datapooltest.Seal(nil)))
}

// TestUnbondedCandidatesDoNotPadADraw: with two to be drawn and one bonded candidate, which is
// the friend, nobody is drawn.
func TestUnbondedCandidatesDoNotPadADraw(t *testing.T) {
	m := drawMarket(t, 2)
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[0])})
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[1])})
	id := m.Offer()
	drawNow(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	require.Empty(t, drawnFor(m, id))
	m.CheckInvariants()
}

// TestEachOfferIsADrawOfItsOwn: one block and one preimage serve many offers, also of the
// same dataset again, and none tells anything about the next.
func TestEachOfferIsADrawOfItsOwn(t *testing.T) {
	m := datapooltest.NewMarket(t, 99, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
	sealed := datapooltest.Seal([]byte("one dataset"))
	var ids []uint64
	for range 9 {
		ids = append(ids, m.Offer())
	}
	drawNow(t, m)
	seeds := map[[32]byte]bool{}
	count := func(id uint64) { seeds[keeper.DrawOf(m.Head().ChainID, m.Deal(id)).Seed()] = true }
	for _, id := range ids {
		count(id)
	}
	for range 3 {
		id := m.OfferSealed(sealed)
		drawNow(t, m)
		count(id)
		for _, v := range drawnFor(m, id) {
			m.Must(m.NewReject(id, v))
		}
		require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	}
	require.Len(t, seeds, 12)
}

// TestSellerAndProposerKnowNothingAtTheOffer: until the draw block is final, the state holds neither
// its hash nor the preimage.
func TestSellerAndProposerKnowNothingAtTheOffer(t *testing.T) {
	m := drawMarket(t, 1)
	id := m.Offer()
	known := [][]byte{m.GetPool().DrawCommitment, m.Export().DrawBlocks[0].Hash}
	drawNow(t, m)
	deal := m.Deal(id)
	require.NotContains(t, known, deal.Draw.Preimage)
	require.NotContains(t, known, deal.Draw.BlockHash)
}

// TestAnotherDrawCostsTheDeposit has a seller offer one dataset again and again and ask nobody
// but its friend to check it. Whoever is drawn says that it was not asked.
func TestAnotherDrawCostsTheDeposit(t *testing.T) {
	m := rewarding(t, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
	friend, sealed := m.Validators[0], datapooltest.Seal([]byte("one dataset"))
	had, draws := m.Spendable(m.Seller), pdx.Amount(0)
	const paid = deposit + 27*150 + reward
	for {
		id := m.OfferSealed(sealed)
		drawNow(t, m)
		draws++
		if drawnFor(m, id)[0] == friend || draws > 40 {
			break
		}
		m.Must(unavailable(m, id, drawnFor(m, id)[0]))
		require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
		require.Equal(t, draws*paid, had-m.Spendable(m.Seller))
		require.Equal(t, draws*(paid-drawnCost), m.Withdrawable(datapooltest.Authority()))
	}
	require.LessOrEqual(t, draws, pdx.Amount(40), "one in three")
	require.Zero(t, m.Withdrawable(m.Seller))
	m.CheckInvariants()
}
