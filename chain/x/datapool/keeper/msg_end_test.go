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

const deposit pdx.Amount = 1_000_000

func TestFinalizeRefusals(t *testing.T) {
	type M = types.MsgFinalize
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Finalize, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 9)
		id := m.DealIn(types.DEAL_STATE_DELIVERED)
		m.PastDeal(id)
		return m, &M{Sender: string(datapooltest.Account("anyone")), DealId: id}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Sender = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"not delivered", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_ACKED) }, types.ErrDealState},
		{"final", func(x market, m *M) { x.Must(&M{Sender: m.Sender, DealId: m.DealId}) }, types.ErrDealState},
		{"dispute goes on", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_DELIVERED) }, types.ErrNotYet},
	})
}

func TestExpireRefusals(t *testing.T) {
	type M = types.MsgExpire
	type market = *datapooltest.Market
	rows := []refusal[M]{
		{"no address", func(_ market, m *M) { m.Sender = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 99 }, types.ErrDealNotFound},
	}
	for _, state := range states {
		want := types.ErrDealState
		if state <= types.DEAL_STATE_ACKED {
			want = types.ErrNotYet
		}
		rows = append(rows, refusal[M]{state.String(), func(x market, m *M) { m.DealId = x.DealIn(state) }, want})
	}
	testRefusals(t, types.MsgServer.Expire, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 9)
		id := m.Offer()
		m.PastDeal(id)
		return m, &M{Sender: string(datapooltest.Account("anyone")), DealId: id}
	}, rows)
}

// TestExits takes each exit with the pool open and with the pool closed.
func TestExits(t *testing.T) {
	for _, row := range []struct {
		from, to      types.DealState
		seller, buyer pdx.Amount // credited, pool open
		back          pdx.Amount // to the pool while open, else to the buyer
	}{
		{types.DEAL_STATE_OFFERED, types.DEAL_STATE_LAPSED, deposit, 0, 0},
		{types.DEAL_STATE_CERTIFIED, types.DEAL_STATE_UNACKED, deposit, 0, datapooltest.Price},
		{types.DEAL_STATE_ACKED, types.DEAL_STATE_UNDELIVERED, 0, deposit, datapooltest.Price},
	} {
		for _, closed := range []bool{false, true} {
			t.Run(row.to.String(), func(t *testing.T) {
				m := datapooltest.NewMarket(t, 1)
				id := m.DealIn(row.from)
				if closed {
					m.Must(&types.MsgClosePool{Buyer: string(m.Buyer), PoolId: m.Pool})
				}
				before := m.Withdrawable(m.Buyer)
				m.Expire(id)
				require.Equal(t, row.to, m.Deal(id).State)
				require.Equal(t, row.seller, m.Withdrawable(m.Seller))
				if closed {
					require.Equal(t, row.buyer+row.back, m.Withdrawable(m.Buyer)-before)
					require.True(t, m.GetPool().Escrow.IsZero())
				} else {
					require.Equal(t, row.buyer, m.Withdrawable(m.Buyer))
					require.Equal(t, math.NewInt(datapooltest.Price), m.GetPool().Escrow, "the place is free again")
					m.DealIn(types.DEAL_STATE_DELIVERED)
				}
				m.CheckInvariants()
			})
		}
	}
}

// TestDeadlinesNeedHeightAndTime holds a deal against a chain that stood still
// and one that raced.
func TestDeadlinesNeedHeightAndTime(t *testing.T) {
	expire := func(m *datapooltest.Market, id uint64) error {
		_, err := m.Exec(&types.MsgExpire{Sender: string(m.Seller), DealId: id})
		return err
	}
	t.Run("the chain stood still", func(t *testing.T) {
		m := datapooltest.NewMarket(t, 1)
		id := m.DealIn(types.DEAL_STATE_ACKED)
		for i := range 20 {
			_, err := m.NextBlock(24 * time.Hour)
			require.NoError(t, err)
			requireError(t, expire(m, id), types.ErrNotYet)
			require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State, "block %d", i)
		}
		_, err := m.NextBlock(datapooltest.BlockTime)
		require.NoError(t, err)
		require.NoError(t, expire(m, id))
	})
	t.Run("the chain raced", func(t *testing.T) {
		m := datapooltest.NewMarket(t, 1)
		id := m.DealIn(types.DEAL_STATE_ACKED)
		for range 200 {
			_, err := m.NextBlock(100 * time.Millisecond)
			require.NoError(t, err)
			requireError(t, expire(m, id), types.ErrNotYet)
		}
		require.Equal(t, types.DEAL_STATE_ACKED, m.Deal(id).State)
		for range 30 {
			_, err := m.NextBlock(100 * time.Millisecond)
			require.NoError(t, err)
		}
		require.Equal(t, types.DEAL_STATE_UNDELIVERED, m.Deal(id).State, "the end blocker looked again when the time had come")
		m.CheckInvariants()
	})
}

func TestWithdrawRefusals(t *testing.T) {
	type M = types.MsgWithdraw
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.Withdraw, func(t *testing.T) (market, *M) {
		m := datapooltest.NewMarket(t, 1)
		m.DealIn(types.DEAL_STATE_FINAL)
		return m, &M{Address: string(m.Seller)}
	}, []refusal[M]{
		{"no address", func(_ market, m *M) { m.Address = "" }, types.ErrAddress},
		{"nothing there", func(x market, m *M) { m.Address = string(x.Buyer) }, types.ErrNothingToWithdraw},
		{"withdrawn", func(x market, m *M) { x.Must(&M{Address: m.Address}) }, types.ErrNothingToWithdraw},
	})
}

func TestUpdateParamsRefusals(t *testing.T) {
	type M = types.MsgUpdateParams
	type market = *datapooltest.Market
	testRefusals(t, types.MsgServer.UpdateParams, func(t *testing.T) (market, *M) {
		return datapooltest.NewMarket(t, 1), &M{Authority: string(datapooltest.Authority()), Params: types.DefaultParams()}
	}, []refusal[M]{
		{"not the authority", func(x market, m *M) { m.Authority = string(x.Buyer) }, types.ErrAuthority},
		{"no parameters", func(_ market, m *M) { m.Params = types.Params{} }, types.ErrParams},
		{"other denomination", func(_ market, m *M) { m.Params.Denom = "uatom" }, types.ErrDenomSet},
	})
}
