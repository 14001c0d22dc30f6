package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// govern changes the parameters.
func govern(m *datapooltest.Market, change func(*types.Params)) {
	m.T.Helper()
	params := datapooltest.Params()
	change(&params)
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
}

// raiseBond raises the least bond by one unit, with a notice.
func raiseBond(m *datapooltest.Market, notice time.Duration) {
	m.T.Helper()
	govern(m, func(p *types.Params) { p.MinBond, p.BondNotice = p.MinBond.AddRaw(1), notice })
}

// spendBond has a validator accept as many deals of other pools as its bond covers.
func spendBond(m *datapooltest.Market, v pdx.Address) {
	m.T.Helper()
	was := m.Pool
	const price = 4_000_000_000 // of which a tenth is at stake
	m.Pool = m.OpenPool(2, func(p *types.MsgCreatePool) {
		p.Price, p.Escrow = datapooltest.Coin(price), datapooltest.Coin(2*price)
		p.Validators = []string{string(v)}
	})
	all := m.Validators
	m.Validators = []pdx.Address{v}
	for range 2 {
		m.Accept(m.Offer())
	}
	m.Pool = m.OpenPool(22, func(p *types.MsgCreatePool) { p.Validators = []string{string(v)} })
	for range 22 { // 22 × 8.8 MED of the 200 MED that are left
		m.Accept(m.Offer())
	}
	m.Validators, m.Pool = all, was
}

// TestABondBoundsWhatItStandsFor has a validator accept deals until its bond is spent, and
// shows that the end of a deal frees its stake.
func TestABondBoundsWhatItStandsFor(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	v := m.Validators[0]
	id := m.Offer()
	spendBond(m, v)
	requireRefused(t, m, m.NewAccept(id, v), types.ErrStake)
	m.Must(m.NewAccept(id, m.Validators[1])) // the stakes of others are theirs
	m.CheckInvariants()
	first := uint64(2)
	require.Equal(t, types.DEAL_STATE_CERTIFIED, m.Deal(first).State)
	m.Expire(first)
	m.Must(m.NewAccept(m.Offer(), v))
	m.CheckInvariants()
	require.NoError(t, m.Past(m.Head().Height+60, time.Time{}))
	require.Zero(t, m.Staked(v), "no deal is left")
	m.CheckInvariants()
}

// TestWhoHasNoStakeIsNotDrawn, nor blamed if it was spent after the draw.
func TestWhoHasNoStakeIsNotDrawn(t *testing.T) {
	m := drawMarket(t, 3)
	v, all := m.Validators[0], m.Pool
	before := m.Offer()
	drawNow(t, m)
	require.Contains(t, drawnFor(m, before), v)
	spendBond(m, v)
	tooFew := m.Offer()
	drawNow(t, m)
	require.Equal(t, types.DEAL_STATE_LAPSED, m.Deal(tooFew).State, "three are to be drawn")
	m.Pool = m.OpenPool(1, func(p *types.MsgCreatePool) { p.DrawCount = 2 })
	id := m.Offer()
	drawNow(t, m)
	require.ElementsMatch(t, m.Validators[1:], drawnFor(m, id))
	m.Pool = all
	m.Expire(before)
	require.Empty(t, m.Validator(v).Duties.Weights)
	require.EqualValues(t, 1, m.Validator(m.Validators[1]).Duties.MissedCount())
	m.CheckInvariants()
}

// TestSlashesDoNotDecay convicts many deals at once: the last costs as much as the first.
func TestSlashesDoNotDecay(t *testing.T) {
	const frauds = 30
	m := datapooltest.NewMarket(t, frauds)
	v := m.Validators[0]
	var ids []uint64
	for range frauds {
		ids = append(ids, m.SealedIn(types.DEAL_STATE_DELIVERED, m.NewSealed().SpoilBox()))
	}
	for i, id := range ids {
		m.Must(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
		require.Equal(t, uint64(bond-pdx.Amount(i+1)*stake), m.Validator(v).Bond.Uint64())
	}
	require.Zero(t, m.Staked(v))
	m.CheckInvariants()
}

// TestParametersDoNotReachADeal changes all that a conviction depends on between delivery and
// complaint.
func TestParametersDoNotReachADeal(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.SealedIn(types.DEAL_STATE_DELIVERED, m.NewSealed().SpoilBox())
	govern(m, func(p *types.Params) {
		p.SlashFractionBp, p.SegmentComplaintCost, p.BoxComplaintCost = types.BasisPoints, types.MaxCost, 0
		p.CompensationBase, p.CompensationPerMib, p.JailTime = 0, 0, time.Hour
	})
	m.Must(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
	require.Equal(t, uint64(bond-stake), m.Validator(m.Validators[0]).Bond.Uint64())
	require.Equal(t, datapooltest.Price+deposit+800_000+1_000_100, m.Withdrawable(m.Buyer))
	require.Equal(t, m.Head().Time.Add(5*datapooltest.BlockTime), m.Validator(m.Validators[0]).JailedUntil)
	m.CheckInvariants()
}

// TestAFraudAgainstOnesFriendsDoesNotPay has buyer and seller mislead three validators about
// a dataset of any price. What they get beyond their own money does not depend on it, and is
// less than the gas of the fraud.
func TestAFraudAgainstOnesFriendsDoesNotPay(t *testing.T) {
	for _, price := range []pdx.Amount{10_000_000, 10_000_000_000} {
		m := datapooltest.NewMarket(t, 1, func(p *types.MsgCreatePool) {
			p.RequiredCertificates = 3
			p.Price, p.Escrow = datapooltest.Coin(price), datapooltest.Coin(price)
		})
		spoiled := m.NewSealed().SpoilSegment(0)
		id := m.SealedIn(types.DEAL_STATE_DELIVERED, spoiled)
		m.Must(m.NewSegmentComplaint(m.Deal(id), spoiled, 0))
		gained := m.Withdrawable(m.Buyer) + m.Withdrawable(m.Seller) - price - deposit
		require.Equal(t, pdx.Amount(4_400_000+1_000_100), gained)
		// CreatePool, Offer, Ack, Deliver, Complain and Withdraw, by the table of gas.
		const spent = (139_097 + 156_261 + 101_764 + 145_446 + 826_915 + 68_145) * 5
		require.Less(t, gained, pdx.Amount(spent))
		m.CheckInvariants()
	}
}

// TestARaisedBondHoldsForAllAfterItsNotice follows a validator through a raise.
func TestARaisedBondHoldsForAllAfterItsNotice(t *testing.T) {
	m := drawMarket(t, 1)
	v := m.Validators[0]
	raiseBond(m, 20*datapooltest.BlockTime)
	require.Len(t, m.Export().BondNotice.Former.String(), len("1000000000"))
	start := m.Head().Time
	id := m.Offer()
	drawNow(t, m)
	m.Must(m.NewAccept(id, drawnFor(m, id)[0])) // as before
	govern(m, func(p *types.Params) { p.MinBond = p.MinBond.AddRaw(1); p.JailTime = time.Hour })
	require.Equal(t, start.Add(20*datapooltest.BlockTime), m.Export().BondNotice.Time, "another parameter changes no notice")

	require.NoError(t, m.Past(0, start.Add(19*datapooltest.BlockTime)))
	m.Must(&types.MsgAddBond{Validator: string(v), Amount: datapooltest.Coin(1)})
	undrawn := m.Offer()
	drawNow(t, m)
	require.Equal(t, []pdx.Address{v}, drawnFor(m, undrawn), "the others are below the least bond")
	msg := m.NewPool(m.Buyer, m.BuyerKey, 1, m.Validators...)
	requireRefused(t, m, msg, types.ErrPoolValidatorFault)
	m.Must(m.NewAccept(undrawn, v))
	m.CheckInvariants()
}

func TestANoticeBeginsAnewAndEnds(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	least := datapooltest.Params().MinBond
	raiseBond(m, time.Hour)
	govern(m, func(p *types.Params) { p.MinBond, p.BondNotice = p.MinBond.MulRaw(2), 2*time.Hour })
	notice := m.Export().BondNotice
	require.Equal(t, least, notice.Former, "the first raise never held")
	require.Equal(t, m.Head().Time.Add(2*time.Hour), notice.Time)
	govern(m, func(p *types.Params) { p.MinBond = math.OneInt() })
	require.Nil(t, m.Export().BondNotice, "a decrease holds at once")
	m.CheckInvariants()
}

// TestEarnedIsWhatDealsBrought holds the totals of each validator against its balance, of which
// nothing was withdrawn: of deals that were sold, were not, and were rejected.
func TestEarnedIsWhatDealsBrought(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	for _, state := range []types.DealState{
		types.DEAL_STATE_FINAL, types.DEAL_STATE_UNACKED, types.DEAL_STATE_UNDELIVERED, types.DEAL_STATE_FINAL,
	} {
		m.DealIn(state)
	}
	rejected := m.Offer()
	for _, v := range m.Validators {
		m.Must(m.NewReject(rejected, v))
		if m.Deal(rejected).State.Ended() {
			break
		}
	}
	earned := m.Export().Earned
	require.NotEmpty(t, earned)
	for _, e := range earned {
		require.Equal(t, m.Withdrawable(pdx.Address(e.Address)), pdx.Amount(e.Amount.Uint64()))
	}
	m.CheckInvariants()
}
