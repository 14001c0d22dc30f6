package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// states are those that a deal can come to today, each by a way of its own.
var states = []types.DealState{
	types.DEAL_STATE_OFFERED, types.DEAL_STATE_CERTIFIED, types.DEAL_STATE_ACKED, types.DEAL_STATE_DELIVERED,
	types.DEAL_STATE_FINAL, types.DEAL_STATE_LAPSED, types.DEAL_STATE_UNACKED, types.DEAL_STATE_UNDELIVERED,
	types.DEAL_STATE_FRAUD,
}

func TestFirstSale(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.DealIn(types.DEAL_STATE_DELIVERED)
	require.Equal(t, types.POOL_STATUS_FILLED, m.GetPool().Status)

	d := m.Deal(id)
	opened, err := m.Keys[d.PoolId].Recover(pdx.Element(d.Delivery.D1), pdx.Element(d.Delivery.D2))
	require.NoError(t, err)
	require.Equal(t, m.Sealed[id].Key.Opening(), opened, "the buyer has the key of the dataset")
	require.Zero(t, m.Withdrawable(m.Seller), "the money is held during the dispute period")

	m.PastDeal(id)
	_, err = m.NextBlock(datapooltest.BlockTime)
	require.NoError(t, err)
	require.Equal(t, types.DEAL_STATE_FINAL, m.Deal(id).State)
	deposit := pdx.Amount(datapooltest.Params().OfferDeposit.Uint64())
	require.Equal(t, 9_900_000+deposit, m.Withdrawable(m.Seller))
	require.Equal(t, pdx.Amount(100_000), m.Withdrawable(m.Validators[0]))

	for _, account := range []pdx.Address{m.Seller, m.Validators[0]} {
		m.Must(&types.MsgWithdraw{Address: string(account)})
	}
	require.Equal(t, datapooltest.Wealth+9_900_000, m.Spendable(m.Seller))
	require.Equal(t, datapooltest.Wealth-datapooltest.Price, m.Spendable(m.Buyer))
	require.Equal(t, 3*pdx.Amount(datapooltest.Params().MinBond.Uint64()), m.Held(), "only bonds are left")
	m.CheckInvariants()
}

func TestEveryStateKeepsTheInvariants(t *testing.T) {
	for _, state := range states {
		t.Run(state.String(), func(t *testing.T) {
			m := datapooltest.NewMarket(t, 3)
			m.DealIn(state)
			m.CheckInvariants()
			m.DealIn(state)
			m.CheckInvariants()
		})
	}
}
