package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// requireDuties wants every validator to have so many duties, of which it missed so many, and
// to be bonded.
func requireDuties(t *testing.T, m *datapooltest.Market, all, missed int) {
	t.Helper()
	for _, v := range m.Validators {
		of := m.Validator(v)
		require.Len(t, of.Duties.Weights, all)
		require.EqualValues(t, missed, of.Duties.MissedCount())
		require.NotEqual(t, types.VALIDATOR_STATUS_JAILED, of.Status)
	}
	m.CheckInvariants()
}

// drawn offers a dataset and has its validators drawn.
func drawn(t *testing.T, m *datapooltest.Market) uint64 {
	t.Helper()
	id := m.Offer()
	drawNow(t, m)
	require.NotEmpty(t, drawnFor(m, id))
	return id
}

// lapse has a deal be drawn and its time pass without a verdict.
func lapse(t *testing.T, m *datapooltest.Market) {
	t.Helper()
	id := drawn(t, m)
	m.PastDeal(id)
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	m.CheckInvariants()
}

func TestMissedDutiesJail(t *testing.T) {
	m := drawMarket(t, 3)
	for missed := range 2 {
		lapse(t, m)
		requireDuties(t, m, missed+1, missed+1)
	}
	lapse(t, m)
	for _, v := range m.Validators {
		require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(v).Status)
		require.Equal(t, math.NewInt(int64(bond)), m.Validator(v).Bond, "being away costs no bond")
		m.Restore(v)
	}
	requireDuties(t, m, 0, 0)
}

// TestADutyThatIsOverEarlyIsNone: three are required of three, and two reject.
func TestADutyThatIsOverEarlyIsNone(t *testing.T) {
	m := drawMarket(t, 3, func(p *types.MsgCreatePool) { p.RequiredCertificates = 3 })
	id := drawn(t, m)
	m.Must(m.NewReject(id, m.Validators[0]))
	require.Equal(t, types.DEAL_STATE_OFFERED, m.Deal(id).State, "two may still say otherwise")
	m.Must(m.NewReject(id, m.Validators[1]))
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(id).State)
	require.Len(t, m.Validator(m.Validators[1]).Duties.Weights, 1)
	require.Empty(t, m.Validator(m.Validators[2]).Duties.Weights)
}

// TestAFriendsPoolResetsNothing: a validator misses what others rely on and rejects between in a
// friend's pool, where nothing is at stake, or far more than in the others. It is jailed as
// soon as one that did nothing at all.
func TestAFriendsPoolResetsNothing(t *testing.T) {
	for name, price := range map[string]pdx.Amount{"of 1 umed": 1, "of 9,000 MED": 9_000_000_000} {
		t.Run(name, func(t *testing.T) {
			m := drawMarket(t, 3)
			m.Fund(m.Buyer, 100*price)
			lazy, pool := m.Validators[0], m.Pool
			friend := m.OpenPool(9, func(p *types.MsgCreatePool) {
				p.DrawCount, p.Price, p.Escrow, p.Validators = 1, datapooltest.Coin(price), datapooltest.Coin(9*price), p.Validators[:1]
			})
			for range 2 {
				lapse(t, m)
				m.Pool = friend
				m.Must(m.NewReject(drawn(t, m), lazy))
				m.Pool = pool
			}
			lapse(t, m)
			for _, v := range m.Validators {
				require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(v).Status, v)
			}
		})
	}
}

// TestWhoAnswersMostDutiesStaysBonded misses three of seven.
func TestWhoAnswersMostDutiesStaysBonded(t *testing.T) {
	m := drawMarket(t, 3, func(p *types.MsgCreatePool) { p.RequiredCertificates = 1 })
	for range 4 {
		id := drawn(t, m)
		for _, v := range m.Validators {
			m.Must(m.NewReject(id, v))
		}
	}
	for range 3 {
		lapse(t, m)
	}
	requireDuties(t, m, 7, 3)
	lapse(t, m) // four of eight are half of them
	for _, v := range m.Validators {
		require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(v).Status)
	}
}

// TestTheWindowForgets: a missed duty counts until as many later ones have come as the window has.
func TestTheWindowForgets(t *testing.T) {
	m := drawMarket(t, 3)
	params := datapooltest.Params()
	params.DutyWindow = 3
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	lapse(t, m)
	lapse(t, m)
	for range 3 {
		id := drawn(t, m)
		for _, v := range m.Validators {
			m.Must(m.NewReject(id, v))
		}
	}
	requireDuties(t, m, 3, 0)
}

// TestAVerdictAfterTheKthAcceptIsADutyDone and nothing else: it is no accept, no share, no
// liability and no part of what the delivery is bound to.
func TestAVerdictAfterTheKthAcceptIsADutyDone(t *testing.T) {
	m := drawMarket(t, 3)
	id := drawn(t, m)
	m.Must(m.NewAccept(id, m.Validators[0]))
	certified := m.Deal(id)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, certified.State)
	late := m.NewAccept(id, m.Validators[1])
	late.ExpiryHeight = 0
	m.Must(late)
	m.Must(m.NewReject(id, m.Validators[2]))
	requireDuties(t, m, 1, 0)
	deal := m.Deal(id)
	require.Len(t, deal.Certificates, 3)
	require.Equal(t, certified.Accepted(), deal.Accepted())
	require.Equal(t, certified.DeadlineHeight, deal.DeadlineHeight)
	require.Equal(t, uint64(1), m.GetPool().ReservedCount)

	m.Ack(id)
	m.Deliver(id)
	require.Len(t, m.Deal(id).Shares, 2)

	id = drawn(t, m)
	m.Must(m.NewAccept(id, m.Validators[0]))
	m.Ack(id)
	requireRefused(t, m, m.NewReject(id, m.Validators[2]), types.ErrDealState)
	m.CheckInvariants()
}

// TestALateAcceptIsNotConvicted: only those are liable on whose word the buyer paid.
func TestALateAcceptIsNotConvicted(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	id := m.OfferSealed(datapooltest.Seal(nil).SpoilBox())
	m.Must(m.NewAccept(id, m.Validators[0]))
	m.Must(m.NewAccept(id, m.Validators[1]))
	m.Ack(id)
	m.Deliver(id)
	m.Must(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
	require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(m.Validators[0]).Status)
	require.Equal(t, types.VALIDATOR_STATUS_BONDED, m.Validator(m.Validators[1]).Status)
	require.Equal(t, math.NewInt(int64(bond)), m.Validator(m.Validators[1]).Bond)
	m.CheckInvariants()
}

// TestALateVerdictHasAnEnd: the ack deadline.
func TestALateVerdictHasAnEnd(t *testing.T) {
	m := datapooltest.NewMarket(t, 2)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	m.PastDeal(id)
	requireRefused(t, m, m.NewReject(id, m.Validators[1]), types.ErrLate)
}

// TestDutiesWithoutADrawAreNone: who is merely listed promised nothing.
func TestDutiesWithoutADrawAreNone(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	for range 4 {
		m.DealIn(types.DEAL_STATE_LAPSED)
	}
	m.Must(m.NewReject(m.Offer(), m.Validators[0]))
	requireDuties(t, m, 0, 0)
}

// TestWhoIsNotBondedMissesNothing leaves after the draw.
func TestWhoIsNotBondedMissesNothing(t *testing.T) {
	m := drawMarket(t, 3)
	id := drawn(t, m)
	m.Must(&types.MsgUnbond{Validator: string(m.Validators[0])})
	m.PastDeal(id)
	nextBlock(t, m)
	require.Empty(t, m.Validator(m.Validators[0]).Duties.Weights)
	require.EqualValues(t, 1, m.Validator(m.Validators[1]).Duties.MissedCount())
}

// TestNobodyIsBlamedInAClosedPool: the chain would have refused the accepts. Offers of which
// the pool was closed before the draw are not drawn at all.
func TestNobodyIsBlamedInAClosedPool(t *testing.T) {
	m := drawMarket(t, 3)
	var ids []uint64
	for range 3 {
		ids = append(ids, m.Offer())
	}
	drawNow(t, m)
	undrawn := m.Offer()
	m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool})
	drawNow(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(undrawn).State)
	require.Empty(t, drawnFor(m, undrawn))
	for _, id := range ids {
		requireRefused(t, m, m.NewAccept(id, drawnFor(m, id)[0]), types.ErrPoolNotOpen)
	}
	m.PastDeal(ids[2])
	nextBlock(t, m)
	requireDuties(t, m, 0, 0)
	require.Equal(t, 4*deposit, m.Withdrawable(m.Seller))
}

// TestNobodyIsBlamedInAPoolThatWasFull: the pool is full when the drawn ones could accept,
// and has a slot again when their time is over.
func TestNobodyIsBlamedInAPoolThatWasFull(t *testing.T) {
	m := datapooltest.NewMarket(t, 1, func(p *types.MsgCreatePool) {
		p.DrawCount, p.Deadlines.Certify, p.Deadlines.Ack = 3, 30*datapooltest.BlockTime, datapooltest.BlockTime
	})
	ids := []uint64{m.Offer(), m.Offer(), m.Offer(), m.Offer()}
	drawNow(t, m)
	for _, v := range m.Validators { // the late ones, too, so that all have the same duties
		m.Must(m.NewAccept(ids[0], v))
	}
	for _, id := range ids[1:] {
		requireRefused(t, m, m.NewAccept(id, m.Validators[1]), types.ErrPoolFull)
	}
	m.Expire(ids[0])
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(ids[0]).State)
	require.Zero(t, m.GetPool().ReservedCount)
	m.PastDeal(ids[3])
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(ids[3]).State)
	requireDuties(t, m, 1, 0)
}

// TestABacklogTakesNothingFromADraw: the end blocker is far behind, and still each deal has
// the hash of the block after its offer, and its whole time to be certified.
func TestABacklogTakesNothingFromADraw(t *testing.T) {
	m := drawMarket(t, 1)
	params := datapooltest.Params()
	params.MaxExpirationsPerBlock = 1
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	var ids []uint64
	for range 9 {
		ids = append(ids, m.Offer())
	}
	nextBlock(t, m)
	hash := nextBlockHash(t, m)
	m.PastDeal(ids[8])
	last := ids[8]
	for m.Deal(last).Undrawn() {
		nextBlock(t, m)
	}
	require.Equal(t, hash, m.Deal(last).Draw.BlockHash)
	require.Equal(t, m.Deal(last).Draw.Height+10, m.Deal(last).DeadlineHeight)
	m.CheckInvariants()
}
