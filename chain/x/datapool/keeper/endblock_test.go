package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	storetypes "cosmossdk.io/store/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func nextBlock(t *testing.T, m *datapooltest.Market) datapooltest.Block {
	t.Helper()
	block, err := m.NextBlock(datapooltest.BlockTime)
	require.NoError(t, err, "the chain halted")
	return block
}

// TestEndBlockEndsWhatHasPassed leaves every exit to the end blocker.
func TestEndBlockEndsWhatHasPassed(t *testing.T) {
	for from, to := range map[types.DealState]types.DealState{
		types.DEAL_STATE_OFFERED:   types.DEAL_STATE_LAPSED,
		types.DEAL_STATE_CERTIFIED: types.DEAL_STATE_UNACKED,
		types.DEAL_STATE_ACKED:     types.DEAL_STATE_UNDELIVERED,
		types.DEAL_STATE_DELIVERED: types.DEAL_STATE_FINAL,
	} {
		t.Run(to.String(), func(t *testing.T) {
			m := datapooltest.NewMarket(t, 2)
			id := m.DealIn(from)
			m.PastDeal(id)
			require.Equal(t, from, m.Deal(id).State, "not before the end of the block")
			nextBlock(t, m)
			require.Equal(t, to, m.Deal(id).State)
			m.CheckInvariants()
		})
	}
}

func TestEndBlockExpiresAPoolAndItsDealsFinish(t *testing.T) {
	m := datapooltest.NewMarket(t, 2, func(p *types.MsgCreatePool) { p.ExpiryTime = p.ExpiryTime.Add(-995 * datapooltest.BlockTime) })
	id := m.DealIn(types.DEAL_STATE_ACKED)
	pool := m.GetPool()
	require.NoError(t, m.Past(pool.ExpiryHeight, pool.ExpiryTime))
	nextBlock(t, m)
	require.Equal(t, types.POOL_STATUS_EXPIRED, m.GetPool().Status)
	require.Equal(t, pdx.Amount(datapooltest.Price), m.Withdrawable(m.Buyer))
	m.Deliver(id)
	m.CheckInvariants()
}

func TestEndBlockIsBounded(t *testing.T) {
	m := datapooltest.NewMarket(t, 9)
	params := datapooltest.Params()
	params.MaxExpirationsPerBlock = 2
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	var ids []uint64
	for range 5 {
		ids = append(ids, m.Offer())
	}
	m.PastDeal(ids[0])
	for _, want := range []int{2, 4, 5} {
		nextBlock(t, m)
		lapsed := 0
		for _, id := range ids {
			if m.Deal(id).State == types.DEAL_STATE_LAPSED {
				lapsed++
			}
		}
		require.Equal(t, want, lapsed)
		m.CheckInvariants()
	}
}

// TestEndBlockSurvivesAPoisonedItem damages one of three deals in every way and
// wants the others ended, the damage reported and the chain alive.
func TestEndBlockSurvivesAPoisonedItem(t *testing.T) {
	dealKey := func(id uint64) []byte { return number(types.DealsPrefix.Bytes(), id) }
	for _, row := range []struct {
		name   string
		poison func(*datapooltest.Market, uint64)
		code   uint32
	}{
		{"not to be decoded", func(m *datapooltest.Market, id uint64) {
			m.Damage(func(s storetypes.KVStore) { s.Set(dealKey(id), []byte("garbage")) })
		}, 1},
		{"gone", func(m *datapooltest.Market, id uint64) {
			m.Damage(func(s storetypes.KVStore) { s.Delete(dealKey(id)) })
		}, types.ErrDealNotFound.ABCICode()},
		{"without its pool", func(m *datapooltest.Market, id uint64) {
			rewrite(t, m, id, func(d *types.Deal) { d.PoolId = 77 })
		}, types.ErrPoolNotFound.ABCICode()},
		{"panics", func(m *datapooltest.Market, id uint64) {
			// 2^256-1 is the largest amount: crediting it over another overflows.
			most := datapooltest.Params().MinBond.SubRaw(datapooltest.Params().MinBond.Int64())
			for range 256 {
				most = most.MulRaw(2).AddRaw(1)
			}
			rewrite(t, m, id, func(d *types.Deal) { d.Deposit = most })
		}, types.ErrPanic.ABCICode()},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 9)
			var ids []uint64
			for range 3 {
				ids = append(ids, m.DealIn(types.DEAL_STATE_CERTIFIED))
			}
			m.PastDeal(ids[0])
			row.poison(m, ids[1])
			owed := m.Withdrawable(m.Seller)

			block := nextBlock(t, m)
			require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(ids[0]).State)
			require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(ids[2]).State)
			require.Equal(t, owed+2*deposit, m.Withdrawable(m.Seller), "the poisoned deal moved no money")
			var failed *types.EventDeadlineFailed
			for _, event := range block.Events {
				if f, ok := event.(*types.EventDeadlineFailed); ok {
					require.Nil(t, failed, "reported once")
					failed = f
				}
			}
			require.NotNil(t, failed)
			require.Equal(t, ids[1], failed.DealId)
			require.Equal(t, row.code, failed.Code)
			require.Equal(t, block.Height+types.ExpiryRetryBlocks, failed.RetryHeight)
			seen.Store(failed.Code, true)

			for range 3 {
				require.Empty(t, nextBlock(t, m).Events, "it is left alone until then")
			}
		})
	}
}

func TestEndBlockHealsWhenTheItemIsMended(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	m.PastDeal(id)
	rewrite(t, m, id, func(d *types.Deal) { d.PoolId = 77 })
	nextBlock(t, m)
	rewrite(t, m, id, func(d *types.Deal) { d.PoolId = m.Pool })
	for range types.ExpiryRetryBlocks {
		nextBlock(t, m)
	}
	require.Equal(t, types.DEAL_STATE_UNACKED, m.Deal(id).State)
	m.CheckInvariants()
}
