package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
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

func TestTheNextBlockDraws(t *testing.T) {
	m := drawMarket(t, 2)
	id := m.Offer()
	offered := m.Deal(id)
	require.Empty(t, offered.Validators)
	require.Len(t, offered.Draw.Candidates, 3)
	m.CheckInvariants()
	nextBlock(t, m)
	require.True(t, m.Deal(id).Undrawn(), "whoever offers may know the hash of its block")

	block := nextBlock(t, m)
	deal := m.Deal(id)
	require.Equal(t, block.Height, deal.Draw.Height)
	require.NotEmpty(t, deal.Draw.BlockHash)
	seed := types.DrawSeed{ChainID: m.Head().ChainID, BlockHash: deal.Draw.BlockHash, Deal: id}
	require.Equal(t, seed.Select(offered.Draw.Candidates, 2), deal.Validators)
	require.Equal(t, &types.EventDrawn{
		PoolId: m.Pool, DealId: id, Validators: []string{deal.Validators[0].Address, deal.Validators[1].Address},
	}, block.Events[len(block.Events)-1])
	require.Equal(t, offered.DeadlineHeight+1, deal.DeadlineHeight, "the certify deadline runs from the draw")
	m.CheckInvariants()

	v := drawnFor(m, id)[0]
	m.Must(m.NewAccept(id, v))
	m.Ack(id)
	m.Deliver(id)
	m.CheckInvariants()
}

// TestOnlyTheBondedAreDrawn has candidates leave between offer and draw.
func TestOnlyTheBondedAreDrawn(t *testing.T) {
	m := drawMarket(t, 2)
	id := m.Offer()
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[0])})
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[1])})
	nextBlock(t, m)
	nextBlock(t, m)
	require.Equal(t, []pdx.Address{m.Validators[2]}, drawnFor(m, id), "one is enough for one certificate")
	m.CheckInvariants()
}

func TestADealThatNobodyCanCertifyLapsesAtTheDraw(t *testing.T) {
	m := drawMarket(t, 2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	id := m.Offer()
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[0])})
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[1])})
	nextBlock(t, m)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	require.Equal(t, deposit, m.Withdrawable(m.Seller))
	m.CheckInvariants()
}

// TestDrawsShareTheBoundOfABlock draws more deals than a block may look at; the
// rest is drawn by the next blocks, with their hashes.
func TestDrawsShareTheBoundOfABlock(t *testing.T) {
	m := drawMarket(t, 1)
	params := datapooltest.Params()
	params.MaxExpirationsPerBlock = 2
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	for range 5 {
		m.Offer()
	}
	nextBlock(t, m)
	for _, want := range []int{2, 4, 5} {
		nextBlock(t, m)
		drawn := 0
		for _, d := range m.Export().Deals {
			if !d.Undrawn() {
				drawn++
			}
		}
		require.Equal(t, want, drawn)
		m.CheckInvariants()
	}
}

// TestAnUndrawnDealLapsesAtItsDeadline leaves a deal no block that could draw.
func TestAnUndrawnDealLapsesAtItsDeadline(t *testing.T) {
	m := drawMarket(t, 1)
	m.Offer()
	id := m.Offer()
	params := datapooltest.Params()
	params.MaxExpirationsPerBlock = 1
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	g := m.Export()
	d := &g.Deals[id-1]
	d.History[0].Time = m.Head().Time.Add(-d.Deadlines.Certify)
	d.DeadlineHeight, d.DeadlineTime = 1, m.Head().Time
	again := datapooltest.New(datapooltest.Config{Genesis: g, ModuleHolding: m.Held(), Start: m.Head().Time, Height: m.Head().Height})
	_, err := again.NextBlock(datapooltest.BlockTime)
	require.NoError(t, err)
	_, err = again.Exec(&types.MsgExpire{Sender: string(m.Seller), DealId: id})
	require.NoError(t, err)
	m.Chain = again
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	m.CheckInvariants()
	nextBlock(t, m)
	require.Empty(t, m.Deal(id).Validators, "and is not drawn any more")
	m.CheckInvariants()
}

// lapse has a deal be drawn and its time pass; the first drawn answers if told to.
func lapse(t *testing.T, m *datapooltest.Market, reject bool) {
	t.Helper()
	id := m.Offer()
	nextBlock(t, m)
	nextBlock(t, m)
	if reject {
		m.Must(m.NewReject(id, drawnFor(m, id)[0]))
	}
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	m.CheckInvariants()
}

// TestMissedDutiesInARowJail has both drawn of two validators, of whom none or
// one answers.
func TestMissedDutiesInARowJail(t *testing.T) {
	two := func(p *types.MsgCreatePool) { p.Validators, p.RequiredCertificates = p.Validators[:2], 2 }
	setUp := func() *datapooltest.Market {
		m := drawMarket(t, 2, two)
		m.Validators = m.Validators[:2]
		return m
	}
	m := setUp()
	for missed := range uint32(2) {
		lapse(t, m, false)
		for _, v := range m.Validators {
			require.Equal(t, missed+1, m.Validator(v).MissedDuties)
			require.Equal(t, types.VALIDATOR_STATUS_BONDED, m.Validator(v).Status)
		}
	}
	lapse(t, m, false)
	for _, v := range m.Validators {
		require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(v).Status)
		require.Equal(t, math.NewInt(int64(bond)), m.Validator(v).Bond, "being away costs no bond")
		m.Restore(v)
		require.Zero(t, m.Validator(v).MissedDuties)
	}

	m = setUp()
	answered := map[string]bool{}
	for range 4 {
		id := m.Offer()
		nextBlock(t, m)
		nextBlock(t, m)
		m.Must(m.NewReject(id, m.Validators[0])) // two are required: the deal lapses at once
		require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
		answered[string(m.Validators[0])] = true
	}
	require.Zero(t, m.Validator(m.Validators[1]).MissedDuties, "who had no time left missed nothing")
	require.Len(t, answered, 1)
}

// TestAVerdictEndsARow misses two duties, answers one, and misses two more.
func TestAVerdictEndsARow(t *testing.T) {
	m := drawMarket(t, 3)
	missed := func() (counts []uint32) {
		for _, v := range m.Validators {
			counts = append(counts, m.Validator(v).MissedDuties)
		}
		return counts
	}
	lapse(t, m, false)
	lapse(t, m, false)
	require.Equal(t, []uint32{2, 2, 2}, missed())
	id := m.Offer()
	nextBlock(t, m)
	nextBlock(t, m)
	m.Must(m.NewReject(id, m.Validators[0]))
	require.Equal(t, []uint32{0, 2, 2}, missed())
	m.Must(m.NewAccept(id, m.Validators[1]))
	require.Equal(t, []uint32{0, 0, 2}, missed(), "the third was not needed")
	m.CheckInvariants()
}

// TestDutiesWithoutADrawAreNone: who is merely listed promised nothing.
func TestDutiesWithoutADrawAreNone(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	for range 4 {
		m.DealIn(types.DEAL_STATE_LAPSED)
	}
	for _, v := range m.Validators {
		require.Zero(t, m.Validator(v).MissedDuties)
	}
}

// TestNobodyIsBlamedInAClosedPool: the chain would have refused the accepts. Offers of which
// the pool was closed before the draw are not drawn at all.
func TestNobodyIsBlamedInAClosedPool(t *testing.T) {
	m := drawMarket(t, 3)
	var drawn []uint64
	for range 3 {
		drawn = append(drawn, m.Offer())
	}
	nextBlock(t, m)
	nextBlock(t, m)
	undrawn := m.Offer()
	m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool})
	nextBlock(t, m)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(undrawn).State)
	require.Empty(t, drawnFor(m, undrawn))
	for _, id := range drawn {
		requireRefused(t, m, m.NewAccept(id, drawnFor(m, id)[0]), types.ErrPoolNotOpen)
	}
	m.PastDeal(drawn[2])
	nextBlock(t, m)
	requireBlameless(t, m)
	require.Equal(t, 4*deposit, m.Withdrawable(m.Seller))
}

// TestNobodyIsBlamedInAPoolThatWasFull: the pool is full when the drawn ones could accept,
// and has a place again when their time is over.
func TestNobodyIsBlamedInAPoolThatWasFull(t *testing.T) {
	m := datapooltest.NewMarket(t, 1, func(p *types.MsgCreatePool) {
		p.DrawCount, p.Deadlines.Certify, p.Deadlines.Ack = 3, 30*datapooltest.BlockTime, datapooltest.BlockTime
	})
	ids := []uint64{m.Offer(), m.Offer(), m.Offer(), m.Offer()}
	nextBlock(t, m)
	nextBlock(t, m)
	m.Must(m.NewAccept(ids[0], m.Validators[0]))
	for _, id := range ids[1:] {
		requireRefused(t, m, m.NewAccept(id, m.Validators[1]), types.ErrPoolFull)
	}
	m.Expire(ids[0])
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(ids[0]).State)
	require.Zero(t, m.GetPool().ReservedCount)
	m.PastDeal(ids[3])
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(ids[3]).State)
	requireBlameless(t, m)
}

func requireBlameless(t *testing.T, m *datapooltest.Market) {
	t.Helper()
	for _, v := range m.Validators {
		require.Zero(t, m.Validator(v).MissedDuties)
		require.Equal(t, types.VALIDATOR_STATUS_BONDED, m.Validator(v).Status)
	}
	m.CheckInvariants()
}

// TestABacklogTakesNoTimeFromADraw draws one deal a block: the last one has its whole time.
func TestABacklogTakesNoTimeFromADraw(t *testing.T) {
	m := drawMarket(t, 1)
	params := datapooltest.Params()
	params.MaxExpirationsPerBlock = 1
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	var last uint64
	for range 9 {
		last = m.Offer()
	}
	for m.Deal(last).Undrawn() {
		nextBlock(t, m)
	}
	require.Equal(t, m.Deal(last).Draw.Height+10, m.Deal(last).DeadlineHeight)
}
