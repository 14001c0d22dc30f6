package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestNothingElseEndsAnAckedDeal does to an acked deal whatever is neither its
// delivery nor its expiry, runs blocks up to its deadline, and delivers: the
// seller is paid to the unit all the same.
func TestNothingElseEndsAnAckedDeal(t *testing.T) {
	type market = *datapooltest.Market
	soon := func(p *types.MsgCreatePool) { p.ExpiryTime = p.ExpiryTime.Add(-995 * datapooltest.BlockTime) }
	for name, row := range map[string]struct {
		happens func(market, types.Deal)
		change  func(*types.MsgCreatePool)
	}{
		"the pool closes": {happens: func(m market, d types.Deal) {
			m.Must(&types.MsgClosePool{Buyer: d.Buyer, PoolId: d.PoolId})
		}},
		"the pool expires": {change: soon, happens: func(m market, _ types.Deal) {
			pool := m.GetPool()
			require.NoError(t, m.Past(pool.ExpiryHeight, pool.ExpiryTime))
			nextBlock(t, m)
			require.Equal(t, types.POOL_STATUS_EXPIRED, m.GetPool().Status)
		}},
		"governance shortens everything": {happens: func(m market, _ types.Deal) {
			p := datapooltest.Params()
			p.DefaultDeadlines, p.MaxDeadlines = p.MinDeadlines, p.MinDeadlines
			p.BlockTime, p.MaxAck, p.OfferDeposit = time.Hour, p.MinDeadlines.Ack, math.NewInt(1<<40)
			m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: p})
		}},
		"its validator leaves": {happens: func(m market, d types.Deal) {
			m.Must(&types.MsgUnbond{Validator: d.Certificates[0].Validator})
		}},
		"its validator is slashed for another deal": {happens: func(m market, d types.Deal) {
			m.DealIn(types.DEAL_STATE_FRAUD)
			require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(pdx.Address(d.Certificates[0].Validator)).Status)
		}},
		"the bank fails":         {happens: func(m market, _ types.Deal) { m.CloseBank(true) }},
		"the clock jumps a year": {happens: func(m market, _ types.Deal) { jump(t, m, 1, 365*24*time.Hour) }},
		"the clock stands still": {happens: func(m market, d types.Deal) {
			jump(t, m, int(d.DeadlineHeight-m.Head().Height)+50, 0)
			require.Greater(t, m.Head().Height, d.DeadlineHeight)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*types.MsgCreatePool)
			if row.change != nil {
				changes = append(changes, row.change)
			}
			m := datapooltest.NewMarket(t, 3, changes...)
			id := m.DealIn(types.DEAL_STATE_ACKED)
			row.happens(m, m.Deal(id))
			before := m.Deal(id)
			for head := m.Head(); head.Height <= before.DeadlineHeight && !head.Time.After(before.DeadlineTime); head = m.Head() {
				nextBlock(t, m)
				require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
			}
			require.Equal(t, before, m.Deal(id), "something in the deal changed")
			m.CheckInvariants()

			had := m.Withdrawable(m.Seller)
			m.Deliver(id)
			for !m.Deal(id).State.Ended() {
				nextBlock(t, m)
			}
			require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(id).State)
			require.Equal(t, had+9_900_000+deposit, m.Withdrawable(m.Seller))
			m.CheckInvariants()
			requireWithdrawal(t, m, name == "the bank fails")
		})
	}
}

func jump(t *testing.T, m *datapooltest.Market, blocks int, d time.Duration) {
	t.Helper()
	for range blocks {
		_, err := m.NextBlock(d)
		require.NoError(t, err)
	}
}

// requireWithdrawal pays the seller out; while the bank fails it does not, and the
// balance stays.
func requireWithdrawal(t *testing.T, m *datapooltest.Market, bankFails bool) {
	t.Helper()
	has, owed := m.Spendable(m.Seller), m.Withdrawable(m.Seller)
	msg := &types.MsgWithdraw{Address: string(m.Seller)}
	if bankFails {
		_, err := m.Exec(msg)
		require.Error(t, err)
		require.Equal(t, owed, m.Withdrawable(m.Seller))
		m.CloseBank(false)
	}
	m.Must(msg)
	require.Equal(t, has+owed, m.Spendable(m.Seller))
	require.Zero(t, m.Withdrawable(m.Seller))
	_, err := m.Exec(msg)
	requireError(t, err, types.ErrNothingToWithdraw)
}

// TestEveryUnitLeaves takes deals of any price and commission to any ends, ends
// the pool, has everybody leave and withdraw: the module then holds nothing, and
// nobody has more or less than all had together before. So nothing is paid twice,
// and no dust stays.
func TestEveryUnitLeaves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		price := rapid.SampledFrom([]uint64{1, 2, 3, 7, 9_999, 10_000_000, 123_456_789}).Draw(rt, "price")
		k := rapid.Uint32Range(1, 2).Draw(rt, "k")
		const target = 6
		m := datapooltest.NewMarket(t, target, func(p *types.MsgCreatePool) {
			p.Price, p.Escrow = datapooltest.Coin(pdx.Amount(price)), datapooltest.Coin(pdx.Amount(price*target))
			p.RequiredCertificates = k
		})
		for _, v := range m.Validators {
			if bp := rapid.Uint32Range(0, 200).Draw(rt, "commission"); bp != 100 {
				m.Must(&types.MsgSetCommission{Validator: string(v), CommissionBp: bp})
			}
		}
		fraud := false
		for range rapid.IntRange(1, target-1).Draw(rt, "deals") {
			state := rapid.SampledFrom(states).Draw(rt, "state")
			if state == types.DEAL_STATE_FRAUD && fraud {
				continue // too few validators would be left
			}
			fraud = fraud || state == types.DEAL_STATE_FRAUD
			if fraud && k == 2 {
				state = types.DEAL_STATE_OFFERED
			}
			m.DealIn(state)
		}
		_, _ = m.Exec(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool}) // unless it is filled
		for _, v := range m.Validators {
			m.Must(&types.MsgUnbond{Validator: string(v)})
		}
		jump(t, m, 120, datapooltest.BlockTime) // beyond every deadline and the unbonding
		people := append([]pdx.Address{m.Buyer, m.Seller, datapooltest.Authority()}, m.Validators...)
		var together pdx.Amount
		for _, who := range people {
			if m.Withdrawable(who) > 0 {
				m.Must(&types.MsgWithdraw{Address: string(who)})
			}
			together += m.Spendable(who)
		}
		require.Zero(t, m.Held(), "something stays in the module")
		require.Equal(t, 5*datapooltest.Wealth, together)
		m.CheckInvariants()
	})
}
