package keeper_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// drawMarket has a pool that draws n of its validators.
func drawMarket(t *testing.T, n uint32, changes ...func(*types.MsgCreatePool)) *datapooltest.Market {
	t.Helper()
	return datapooltest.NewMarket(t, 9, append(changes, func(p *types.MsgCreatePool) { p.DrawCount = n })...)
}

// drawnFor returns the validators that were drawn for a deal.
func drawnFor(m *datapooltest.Market, id uint64) (drawn []pdx.Address) {
	for _, v := range m.Deal(id).Validators {
		drawn = append(drawn, pdx.Address(v.Address))
	}
	return drawn
}

// drawNow has the offers of the present block drawn, with the buyer's part.
func drawNow(t *testing.T, m *datapooltest.Market) {
	t.Helper()
	nextBlock(t, m)
	nextBlock(t, m)
	m.Reveal()
}

func TestTheRevealDraws(t *testing.T) {
	m := drawMarket(t, 2)
	id := m.Offer()
	offered := m.Deal(id)
	require.Empty(t, offered.Validators)
	require.Len(t, offered.Draw.Candidates, 3)
	require.Equal(t, m.Head().Height+10, offered.DeadlineHeight, "it waits for the buyer")
	m.CheckInvariants()
	nextBlock(t, m)
	require.Empty(t, m.Export().DrawBlocks[0].Hash, "the block after the offer's is not finished")
	hash := nextBlockHash(t, m)

	m.Reveal()
	deal := m.Deal(id)
	require.Equal(t, m.Head().Height, deal.Draw.Height)
	require.Equal(t, hash, deal.Draw.BlockHash)
	require.Equal(t, m.GetPool().DrawCommitment, deal.Draw.Preimage)
	seed := keeper.DrawOf(m.Head().ChainID, deal).Seed()
	require.Equal(t, types.Select(seed, offered.Draw.Candidates, 2), deal.Validators)
	events := m.Events()
	require.Equal(t, &types.EventDrawn{
		PoolId: m.Pool, DealId: id, Validators: []string{deal.Validators[0].Address, deal.Validators[1].Address}, Revealed: true,
	}, events[len(events)-1])
	require.Equal(t, m.Head().Height+10, deal.DeadlineHeight, "the certify deadline runs from the draw")
	require.Empty(t, m.Export().DrawBlocks, "nothing waits for that block any more")
	m.CheckInvariants()

	v := drawnFor(m, id)[0]
	m.Must(m.NewAccept(id, v))
	m.Ack(id)
	m.Deliver(id)
	m.CheckInvariants()
}

// nextBlockHash finishes the present block and returns its hash, which deals wait for.
func nextBlockHash(t *testing.T, m *datapooltest.Market) []byte {
	t.Helper()
	height := m.Head().Height
	nextBlock(t, m)
	blocks := m.Export().DrawBlocks
	i := slices.IndexFunc(blocks, func(b types.DrawBlock) bool { return b.Height == height })
	require.GreaterOrEqual(t, i, 0)
	require.Len(t, blocks[i].Hash, 32)
	return blocks[i].Hash
}

// TestWithoutTheBuyerADrawIsMarked: its part is missing in time, so the block and the offer
// decide, and everybody sees it.
func TestWithoutTheBuyerADrawIsMarked(t *testing.T) {
	stranger := datapooltest.Account("stranger")
	for name, draw := range map[string]func(*datapooltest.Market){
		"by the end of a block": func(m *datapooltest.Market) { nextBlock(t, m) },
		"by anybody":            func(m *datapooltest.Market) { m.Must(&types.MsgDraw{Sender: string(stranger), PoolId: m.Pool}) },
	} {
		t.Run(name, func(t *testing.T) {
			m := drawMarket(t, 2)
			id := m.Offer()
			nextBlock(t, m)
			hash := nextBlockHash(t, m)
			requireRefused(t, m, &types.MsgDraw{Sender: string(stranger), PoolId: m.Pool}, types.ErrNothingToDraw)
			m.PastDeal(id)
			requireRefused(t, m, &types.MsgExpire{Sender: string(stranger), DealId: id}, types.ErrNotDrawn)
			draw(m)
			deal := m.Deal(id)
			require.Empty(t, deal.Draw.Preimage)
			require.Equal(t, hash, deal.Draw.BlockHash)
			require.Equal(t, types.Select(keeper.DrawOf(m.Head().ChainID, deal).Seed(), deal.Draw.Candidates, 2), deal.Validators)
			require.Equal(t, types.DEAL_STATE_OFFERED, deal.State)
			require.Equal(t, deal.Draw.Height+10, deal.DeadlineHeight)
			m.CheckInvariants()
		})
	}
}

// TestOnePreimageServesAllThatWaited offers more than one message draws: anybody has the rest drawn
// with the same preimage, and the next preimage waits for that.
func TestOnePreimageServesAllThatWaited(t *testing.T) {
	m := datapooltest.NewMarket(t, 99, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
	var ids []uint64
	for range types.MaxDraws + 3 {
		ids = append(ids, m.Offer())
	}
	drawNow(t, m)
	late := m.Offer()
	preimage := m.GetPool().DrawCommitment
	require.True(t, m.Deal(ids[types.MaxDraws]).Undrawn())
	m.CheckInvariants()
	nextBlock(t, m)
	nextBlock(t, m)
	requireRefused(t, m, m.NewReveal(m.GetPool(), m.Keys[m.Pool]), types.ErrDrawsLeft)
	rest := &types.MsgDraw{Sender: string(datapooltest.Account("anyone")), PoolId: m.Pool}
	require.EqualValues(t, 3, m.Must(rest).(*types.MsgDrawResponse).Drawn)
	for _, id := range ids {
		require.Equal(t, preimage, m.Deal(id).Draw.Preimage)
	}
	requireRefused(t, m, rest, types.ErrNothingToDraw)
	require.True(t, m.Deal(late).Undrawn())
	m.Reveal()
	require.NotEqual(t, preimage, m.Deal(late).Draw.Preimage)
	m.CheckInvariants()
}

// TestTheRestIsDrawnAtTheEndOfItsWait, with the preimage that serves it and not without.
func TestTheRestIsDrawnAtTheEndOfItsWait(t *testing.T) {
	m := datapooltest.NewMarket(t, 99, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
	var last uint64
	for range types.MaxDraws + 1 {
		last = m.Offer()
	}
	drawNow(t, m)
	m.PastDeal(last)
	nextBlock(t, m)
	require.Equal(t, m.GetPool().DrawCommitment, m.Deal(last).Draw.Preimage)
	m.CheckInvariants()
}

// TestOnlyTheBondedAreDrawn has a candidate leave between offer and draw, and one too many.
func TestOnlyTheBondedAreDrawn(t *testing.T) {
	m := drawMarket(t, 2)
	id := m.Offer()
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[0])})
	drawNow(t, m)
	require.ElementsMatch(t, m.Validators[1:], drawnFor(m, id))
	m.CheckInvariants()

	id = m.Offer()
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[1])})
	before := m.Withdrawable(m.Seller)
	drawNow(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State, "one is fewer than two, though one certificate is enough")
	require.Equal(t, before+deposit, m.Withdrawable(m.Seller))
	requireDuties(t, m, 0, 0)
}

// TestASellerIsNotDrawnForItsOwnDataset: it is one of the pool's validators.
func TestASellerIsNotDrawnForItsOwnDataset(t *testing.T) {
	m := drawMarket(t, 2)
	m.Seller = m.Validators[0]
	id := m.Offer()
	require.Len(t, m.Deal(id).Draw.Candidates, 2)
	drawNow(t, m)
	require.NotContains(t, drawnFor(m, id), m.Seller)
	m.CheckInvariants()
	m.Pool = m.OpenPool(9, func(p *types.MsgCreatePool) { p.DrawCount = 3 })
	requireRefused(t, m, m.SellerOffer(datapooltest.Seal(nil)), types.ErrOfferValidators)
}

// TestAPreimageServesNoBlockThatMayHaveSeenIt: a seller offers, and the proposer of the next
// block, who saw the reveal, holds it back for a block and grinds its own hash.
func TestAPreimageServesNoBlockThatMayHaveSeenIt(t *testing.T) {
	m := drawMarket(t, 1)
	bait := m.Offer()
	nextBlock(t, m)
	nextBlock(t, m)
	seen := m.NewReveal(m.GetPool(), m.Keys[m.Pool]) // made, and shown to everybody
	id := m.Offer()
	nextBlock(t, m)
	nextBlock(t, m)
	m.Must(seen)
	require.False(t, m.Deal(bait).Undrawn())
	require.True(t, m.Deal(id).Undrawn(), "its draw block was made when the preimage was known")
	nextBlock(t, m)
	m.Reveal()
	require.NotEqual(t, seen.Preimage, m.Deal(id).Draw.Preimage)
	m.CheckInvariants()
}

// TestABuyerLeavesOutADealOnce: it may name a height before the deal's draw block and so pass
// it over to the next preimage, but not again and again until it likes the draw.
func TestABuyerLeavesOutADealOnce(t *testing.T) {
	m := drawMarket(t, 1)
	id := m.Offer()
	offered := m.Head().Height
	nextBlock(t, m)
	nextBlock(t, m)
	pass := m.NewReveal(m.GetPool(), m.Keys[m.Pool])
	pass.Height = offered
	m.Must(pass)
	require.True(t, m.Deal(id).Undrawn())
	nextBlock(t, m)
	again := m.NewReveal(m.GetPool(), m.Keys[m.Pool])
	again.Height = offered
	requireRefused(t, m, again, types.ErrDrawHeight)
	again.Height = m.GetPool().RevealHeight
	m.Must(again)
	require.Equal(t, again.Preimage, m.Deal(id).Draw.Preimage)
}

func TestDrawRefusals(t *testing.T) {
	type M = types.MsgDraw
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Draw, func(t *testing.T) (market, *M) {
		m := drawMarket(t, 2)
		m.Offer()
		nextBlock(t, m)
		nextBlock(t, m)
		return m, m.NewReveal(m.GetPool(), m.Keys[m.Pool])
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Sender = "" }, types.ErrAddress},
		{"no such pool", func(_ market, m *M) { m.PoolId = 9 }, types.ErrPoolNotFound},
		{"a pool that does not draw", func(x market, m *M) { m.PoolId = x.OpenPool(1) }, types.ErrNoDraws},
		{"not the buyer", func(x market, m *M) { m.Sender = string(x.Seller) }, types.ErrNotBuyer},
		{"another pool's preimage", func(x market, m *M) {
			m.PoolId = x.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
		}, types.ErrNotPreimage},
		{"short preimage", func(_ market, m *M) { m.Preimage = m.Preimage[1:] }, types.ErrPreimage},
		{"long preimage", func(_ market, m *M) { m.Preimage = append(m.Preimage, 0) }, types.ErrPreimage},
		{"wrong preimage", func(_ market, m *M) { m.Preimage[0] ^= 1 }, types.ErrNotPreimage},
		{"the commitment itself", func(x market, m *M) { m.Preimage = x.GetPool().DrawCommitment }, types.ErrNotPreimage},
		{"again", func(x market, m *M) {
			x.Must(&M{Sender: m.Sender, PoolId: m.PoolId, Preimage: m.Preimage, Height: m.Height})
		}, types.ErrNotPreimage},
		{"no height", func(_ market, m *M) { m.Height = 0 }, types.ErrDrawHeight},
		{"height below zero", func(_ market, m *M) { m.Height = -1 }, types.ErrDrawHeight},
		{"height of this block", func(x market, m *M) { m.Height = x.Head().Height }, types.ErrDrawHeight},
		{"height of a block to come", func(_ market, m *M) { m.Height = 1 << 62 }, types.ErrDrawHeight},
		{"a height before the last reveal", func(x market, m *M) {
			x.Reveal()
			nextBlock(t, x)
			*m = *x.NewReveal(x.GetPool(), x.Keys[x.Pool])
			m.Height = x.GetPool().RevealHeight - 1
		}, types.ErrDrawHeight},
		{"height without a preimage", func(_ market, m *M) { m.Preimage = nil }, types.ErrDrawHeight},
		{"deals of the last preimage are left", func(x market, m *M) {
			for range types.MaxDraws + 1 {
				x.Offer()
			}
			drawNow(t, x)
			nextBlock(t, x)
			*m = *x.NewReveal(x.GetPool(), x.Keys[x.Pool])
		}, types.ErrDrawsLeft},
		{"nothing is due", func(_ market, m *M) { m.Preimage, m.Height = nil, 0 }, types.ErrNothingToDraw},
		{"nothing waits", func(x market, m *M) { x.Reveal(); m.Preimage, m.Height = nil, 0 }, types.ErrNothingToDraw},
	})
}

// TestUndrawnDealsAreListed by pool, the oldest first, and by nothing else.
func TestUndrawnDealsAreListed(t *testing.T) {
	m := drawMarket(t, 1)
	m.Offer()
	drawNow(t, m)
	waiting := []uint64{m.Offer(), m.Offer()}
	pool := m.Pool
	m.Pool = m.OpenPool(9, func(p *types.MsgCreatePool) { p.DrawCount = 1 })
	m.Offer()
	list := func(req *types.QueryDealsRequest) (ids []uint64, err error) {
		err = m.Read(func(ctx sdk.Context, q types.QueryServer) error {
			resp, err := q.Deals(ctx, req)
			if err != nil {
				return err
			}
			for _, d := range resp.Deals {
				ids = append(ids, d.Id)
			}
			return nil
		})
		return ids, err
	}
	ids, err := list(&types.QueryDealsRequest{PoolId: pool, Undrawn: true})
	require.NoError(t, err)
	require.Equal(t, waiting, ids)
	for _, wrong := range []*types.QueryDealsRequest{{Undrawn: true}, {Undrawn: true, PoolId: pool, DueHeight: 9}} {
		_, err := list(wrong)
		require.Equal(t, codes.InvalidArgument, status.Code(err))
	}
}
