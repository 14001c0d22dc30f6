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

const (
	bond  pdx.Amount = 1_000_000_000
	stake pdx.Amount = 8_800_000 // twice the cost of a complaint
)

func TestAddBondRefusals(t *testing.T) {
	type M = types.MsgAddBond
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.AddBond, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		return m, &M{Validator: string(m.Validators[0]), Amount: datapooltest.Coin(1)}
	}, []refusal[M]{
		{"nothing", func(_ market, m *M) { m.Amount = datapooltest.Coin(0) }, types.ErrAmount},
		{"no amount", func(_ market, m *M) { m.Amount.Amount = math.Int{} }, types.ErrAmount},
		{"beyond 64 bits together", func(_ market, m *M) { m.Amount.Amount = math.NewIntFromUint64(1<<64 - 1) }, types.ErrAmount},
		{"other denomination", func(_ market, m *M) { m.Amount.Denom = "uatom" }, types.ErrDenom},
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"not registered", func(x market, m *M) { m.Validator = string(x.Seller) }, types.ErrValidatorNotFound},
		{"unbonding", func(x market, m *M) { x.Must(&types.MsgUnbond{Validator: m.Validator}) }, types.ErrUnbonding},
		{"no funds", func(x market, m *M) { m.Amount = datapooltest.Coin(2 * datapooltest.Wealth) }, types.ErrFunds},
	})
}

func TestSetCommissionRefusals(t *testing.T) {
	type M = types.MsgSetCommission
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.SetCommission, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		return m, &M{Validator: string(m.Validators[0]), CommissionBp: 200}
	}, []refusal[M]{
		{"above the price", func(_ market, m *M) { m.CommissionBp = types.BasisPoints + 1 }, types.ErrCommission},
		{"above the maximum", func(x market, m *M) {
			v := datapooltest.NewValidator(datapooltest.Account("modest"), 100)
			v.MaxCommissionBp, v.MaxCommissionChangeBp = 150, 150
			x.Fund(datapooltest.Account("modest"), datapooltest.Wealth)
			x.Must(v)
			m.Validator = v.Validator
		}, types.ErrCommission},
		{"up by too much", func(_ market, m *M) { m.CommissionBp = 201 }, types.ErrCommissionChange},
		{"down by too much", func(x market, m *M) {
			v := datapooltest.NewValidator(datapooltest.Account("dear"), 500)
			x.Fund(datapooltest.Account("dear"), datapooltest.Wealth)
			x.Must(v)
			m.Validator, m.CommissionBp = v.Validator, 399
		}, types.ErrCommissionChange},
		{"twice a day", func(x market, m *M) { x.Must(&M{Validator: m.Validator, CommissionBp: 150}) }, types.ErrCommissionTooSoon},
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"not registered", func(x market, m *M) { m.Validator = string(x.Seller) }, types.ErrValidatorNotFound},
		{"unbonding", func(x market, m *M) { x.Must(&types.MsgUnbond{Validator: m.Validator}) }, types.ErrUnbonding},
	})
}

// TestCommissionOfAnOfferedDealStays changes a commission on two days and looks
// at deals that were offered before, between and after.
func TestCommissionOfAnOfferedDealStays(t *testing.T) {
	m := datapooltest.NewMarket(t, 3)
	v := m.Validators[0]
	first := m.Offer()
	m.Must(&types.MsgSetCommission{Validator: string(v), CommissionBp: 200})
	second := m.Offer()
	_, err := m.NextBlock(types.CommissionPeriod - time.Nanosecond)
	require.NoError(t, err)
	_, err = m.Exec(&types.MsgSetCommission{Validator: string(v), CommissionBp: 300})
	requireError(t, err, types.ErrCommissionTooSoon)
	_, err = m.NextBlock(time.Nanosecond)
	require.NoError(t, err)
	m.Must(&types.MsgSetCommission{Validator: string(v), CommissionBp: 300})
	third := m.Offer()
	for id, want := range map[uint64]uint32{first: 100, second: 200, third: 300} {
		require.Equal(t, want, m.Deal(id).Validators[0].CommissionBp)
	}
	m.CheckInvariants()
}

func TestUnbondRefusals(t *testing.T) {
	type M = types.MsgUnbond
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Unbond, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		return m, &M{Validator: string(m.Validators[0])}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"not registered", func(x market, m *M) { m.Validator = string(x.Seller) }, types.ErrValidatorNotFound},
		{"unbonding", func(x market, m *M) { x.Must(&M{Validator: m.Validator}) }, types.ErrUnbonding},
		{"unbonded", func(x market, m *M) { leave(t, x, x.Validators[0]) }, types.ErrUnbonding},
	})
}

func TestUnjailRefusals(t *testing.T) {
	type M = types.MsgUnjail
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Unjail, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 2)
		m.DealIn(types.DEAL_STATE_FRAUD)
		v := m.Validators[0]
		m.Must(&types.MsgAddBond{Validator: string(v), Amount: datapooltest.Coin(bond / 10)})
		require.NoError(t, m.Past(0, m.Validator(v).JailedUntil))
		return m, &M{Validator: string(v)}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Validator = "" }, types.ErrAddress},
		{"not registered", func(x market, m *M) { m.Validator = string(x.Seller) }, types.ErrValidatorNotFound},
		{"bonded", func(x market, m *M) { m.Validator = string(x.Validators[1]) }, types.ErrNotJailed},
		{"twice", func(x market, m *M) { x.Must(&M{Validator: m.Validator}) }, types.ErrNotJailed},
		{"unbonding", func(x market, m *M) { x.Must(&types.MsgUnbond{Validator: m.Validator}) }, types.ErrNotJailed},
		{"too early", func(x market, m *M) {
			x.DealIn(types.DEAL_STATE_FRAUD)
			m.Validator = string(x.Validators[1])
		}, types.ErrJailTime},
		{"the bond is too small by now", func(x market, _ *M) {
			params := datapooltest.Params()
			params.MinBond, params.BondNotice = x.Validator(x.Validators[0]).Bond.AddRaw(1), 0
			x.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
		}, types.ErrBond},
	})
}

// leave takes a validator out, bond and all.
func leave(t *testing.T, m *datapooltest.Market, v pdx.Address) {
	t.Helper()
	m.Must(&types.MsgUnbond{Validator: string(v)})
	require.NoError(t, m.Past(0, m.Validator(v).UnbondingTime))
	m.Must(&types.MsgWithdraw{Address: string(v)})
}

func TestAValidatorLeavesAndComesBack(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	v := m.Validators[0]
	m.Must(&types.MsgUnbond{Validator: string(v)})
	until := m.Validator(v).UnbondingTime
	require.Equal(t, m.Head().Time.Add(50*datapooltest.BlockTime), until)
	for m.Head().Time.Before(until) {
		require.Zero(t, m.Withdrawable(v))
		_, err := m.Exec(&types.MsgWithdraw{Address: string(v)})
		requireError(t, err, types.ErrNothingToWithdraw)
		_, err = m.Exec(datapooltest.NewValidator(v, 100))
		requireError(t, err, types.ErrValidatorExists)
		nextBlock(t, m)
	}
	require.Equal(t, bond, m.Withdrawable(v), "the query shows what is free")
	m.CheckInvariants()
	m.Must(&types.MsgWithdraw{Address: string(v)})
	require.Equal(t, datapooltest.Wealth, m.Spendable(v))
	left := m.Validator(v)
	require.Equal(t, types.VALIDATOR_STATUS_UNBONDED, left.Status)
	require.Empty(t, left.PeerId+left.Moniker, "only what binds it is kept")
	require.Empty(t, left.Addresses)
	require.Less(t, left.Size(), 128)
	m.CheckInvariants()

	m.Must(datapooltest.NewValidator(v, 200))
	require.Equal(t, types.VALIDATOR_STATUS_BONDED, m.Validator(v).Status)
	require.True(t, m.Validator(v).UnbondingTime.IsZero())
	m.CheckInvariants()
}

func TestAValidatorMayRegisterAnewWithoutWithdrawing(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	v := m.Validators[0]
	m.Must(&types.MsgUnbond{Validator: string(v)})
	require.NoError(t, m.Past(0, m.Validator(v).UnbondingTime))
	m.Must(datapooltest.NewValidator(v, 100))
	require.Equal(t, bond, m.Withdrawable(v), "the first bond was credited")
	m.CheckInvariants()
}

// TestToLeaveAndComeBackUndoesNothing: a validator is bound by its jail, also by one that a
// conviction brought on after it had left, and by what it promised about its commission.
func TestToLeaveAndComeBackUndoesNothing(t *testing.T) {
	for name, leaves := range map[string]types.DealState{
		"jailed, then gone": types.DEAL_STATE_FRAUD, "gone, then convicted": types.DEAL_STATE_DELIVERED,
	} {
		t.Run(name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 2)
			params := datapooltest.Params()
			params.JailTime = 1000 * datapooltest.BlockTime
			m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
			v := m.Validators[0]
			id := m.SealedIn(leaves, datapooltest.Seal(nil).SpoilBox())
			m.Must(&types.MsgUnbond{Validator: string(v)})
			if leaves == types.DEAL_STATE_DELIVERED {
				m.Must(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
			}
			require.NoError(t, m.Past(0, m.Validator(v).UnbondingTime))
			before := m.Validator(v)
			again := datapooltest.NewValidator(v, before.CommissionBp)
			again.MaxCommissionBp++
			requireRefused(t, m, again, types.ErrCommission)
			again = datapooltest.NewValidator(v, before.CommissionBp)
			again.MaxCommissionChangeBp++
			requireRefused(t, m, again, types.ErrCommission)
			again = datapooltest.NewValidator(v, before.CommissionBp+before.MaxCommissionChangeBp+1)
			requireRefused(t, m, again, types.ErrCommissionChange)

			m.Must(datapooltest.NewValidator(v, before.CommissionBp+before.MaxCommissionChangeBp))
			require.Equal(t, types.VALIDATOR_STATUS_JAILED, m.Validator(v).Status)
			require.Equal(t, before.JailedUntil, m.Validator(v).JailedUntil)
			requireRefused(t, m, &types.MsgUnjail{Validator: string(v)}, types.ErrJailTime)
			m.CheckInvariants()
			require.NoError(t, m.Past(0, before.JailedUntil))
			m.Must(&types.MsgUnjail{Validator: string(v)})
			requireRefused(t, m, &types.MsgSetCommission{Validator: string(v), CommissionBp: before.CommissionBp}, types.ErrCommissionTooSoon)
			m.Must(&types.MsgUnbond{Validator: string(v)})
			require.NoError(t, m.Past(0, m.Validator(v).UnbondingTime))
			requireRefused(t, m, datapooltest.NewValidator(v, before.CommissionBp), types.ErrCommissionTooSoon)
		})
	}
}

// TestABondStaysAsLongAsItIsLiable has a validator leave with a deal in each
// state that can still be convicted, or come to that.
func TestABondStaysAsLongAsItIsLiable(t *testing.T) {
	m := datapooltest.NewMarket(t, 9, func(p *types.MsgCreatePool) { p.Deadlines.Dispute = 100 * datapooltest.BlockTime })
	v := m.Validators[0]
	id := m.SealedIn(types.DEAL_STATE_DELIVERED, datapooltest.Seal(nil).SpoilBox())
	m.Must(&types.MsgUnbond{Validator: string(v)})
	require.NoError(t, m.Past(0, m.Validator(v).UnbondingTime))
	require.Zero(t, m.Withdrawable(v), "the deal can be convicted")

	m.Must(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
	require.Equal(t, types.VALIDATOR_STATUS_UNBONDING, m.Validator(v).Status, "one that has left is not jailed")
	require.Equal(t, bond-stake, m.Withdrawable(v), "and its bond was slashed")
	m.Must(&types.MsgWithdraw{Address: string(v)})
	m.CheckInvariants()
}

func TestEveryEndFreesTheBond(t *testing.T) {
	for _, state := range states {
		t.Run(state.String(), func(t *testing.T) {
			m := datapooltest.NewMarket(t, 9)
			v := m.Validators[0]
			id := m.DealIn(state)
			before := m.Withdrawable(v)
			m.Must(&types.MsgUnbond{Validator: string(v)})
			require.NoError(t, m.Past(0, m.Validator(v).UnbondingTime))
			require.True(t, m.Deal(id).State.Ended())
			require.GreaterOrEqual(t, m.Withdrawable(v)-before, bond-stake)
			m.CheckInvariants()
		})
	}
}

// TestASecondFraudLengthensTheJailTime slashes as much as the first.
func TestASecondFraudLengthensTheJailTime(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	v := m.Validators[0]
	var ids []uint64
	for range 2 {
		ids = append(ids, m.SealedIn(types.DEAL_STATE_DELIVERED, datapooltest.Seal(nil).SpoilBox()))
	}
	for _, id := range ids {
		m.Must(m.NewBoxComplaint(m.Deal(id), m.Keys[m.Pool]))
		require.Equal(t, m.Head().Time.Add(5*datapooltest.BlockTime), m.Validator(v).JailedUntil)
		nextBlock(t, m)
	}
	require.Equal(t, math.NewIntFromUint64(uint64(bond-2*stake)), m.Validator(v).Bond)
	m.Restore(v)
	m.CheckInvariants()
}
