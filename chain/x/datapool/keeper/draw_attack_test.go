package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
