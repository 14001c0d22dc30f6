package clienttest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

func (m *market) validator(v Ledger) pdx.Validator {
	m.Helper()
	found, err := m.buyer.Validator(m.ctx, v.Account())
	require.NoError(m, err)
	return found
}

func testValidatorLife(m *market) {
	v := m.validators[0]
	require.ErrorIs(m, v.AddBond(m.ctx, 1), pdx.ErrNotFound)
	require.ErrorIs(m, v.Unjail(m.ctx), pdx.ErrNotFound)
	wanted := m.registration()
	require.NoError(m, v.RegisterValidator(m.ctx, wanted))
	from, had := m.head().Height, m.spendable(v)
	require.NoError(m, v.AddBond(m.ctx, 5))
	m.requireSpent(v, had, 5, 1)
	require.Equal(m, wanted.Bond+5, m.validator(v).Bond)
	require.ErrorIs(m, v.AddBond(m.ctx, 0), pdx.ErrInvalid)
	require.ErrorIs(m, v.AddBond(m.ctx, Wealth*1000), pdx.ErrNoFunds)

	require.ErrorIs(m, v.SetCommission(m.ctx, wanted.MaxCommission+1), pdx.ErrInvalid)
	require.ErrorIs(m, v.SetCommission(m.ctx, wanted.Commission+wanted.MaxChange+1), pdx.ErrRefused)
	require.NoError(m, v.SetCommission(m.ctx, wanted.Commission+wanted.MaxChange))
	changed := m.validator(v)
	require.Equal(m, wanted.Commission+wanted.MaxChange, changed.Commission)
	require.False(m, changed.CommissionChanged.IsZero())
	require.ErrorIs(m, v.SetCommission(m.ctx, wanted.Commission), pdx.ErrWrongState, "once a day")

	require.ErrorIs(m, v.Unjail(m.ctx), pdx.ErrWrongState)
	free, err := v.Unbond(m.ctx)
	require.NoError(m, err)
	leaving := m.validator(v)
	require.Equal(m, pdx.ValidatorUnbonding, leaving.Status)
	require.Equal(m, free, leaving.UnbondingTime)
	_, err = v.Unbond(m.ctx)
	require.ErrorIs(m, err, pdx.ErrWrongState)
	m.Pass(0, free)
	paid, err := v.Withdraw(m.ctx)
	require.NoError(m, err)
	require.Equal(m, wanted.Bond+5, paid)
	require.Equal(m, pdx.ValidatorUnbonded, m.validator(v).Status)

	told := story(m.follow(from+1, m.head().Height))
	status := func(s pdx.ValidatorStatus) pdx.Event {
		return pdx.Event{Kind: "EventValidatorStatus", Validator: v.Account(), State: string(s)}
	}
	require.Subset(m, told, []pdx.Event{
		{Kind: "EventBondAdded", Validator: v.Account()},
		{Kind: "EventCommission", Validator: v.Account()},
		status(pdx.ValidatorUnbonding), status(pdx.ValidatorUnbonded),
	})
}

// unjail is what a convicted validator does.
func (m *market) unjail(v Ledger) {
	m.Helper()
	jailed := m.validator(v)
	require.Equal(m, pdx.ValidatorJailed, jailed.Status)
	require.False(m, jailed.JailedUntil.IsZero())
	params, err := m.buyer.Params(m.ctx)
	require.NoError(m, err)
	m.Pass(0, jailed.JailedUntil.Add(time.Millisecond))
	require.ErrorIs(m, v.Unjail(m.ctx), pdx.ErrInvalid, "its bond is less than the least")
	require.NoError(m, v.AddBond(m.ctx, pdx.Amount(params.MinBond.Uint64())-jailed.Bond))
	require.NoError(m, v.Unjail(m.ctx))
	require.Equal(m, pdx.ValidatorBonded, m.validator(v).Status)
}
