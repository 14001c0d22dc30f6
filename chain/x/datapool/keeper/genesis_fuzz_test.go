package keeper_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	cdctypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// FuzzGenesis reads hostile genesis files: a chain begins from one with all invariants, or
// does not begin. What reading one takes is bounded by its length.
func FuzzGenesis(f *testing.F) {
	cdc := codec.NewProtoCodec(cdctypes.NewInterfaceRegistry())
	m := datapooltest.NewMarket(f, 2)
	m.DealIn(types.DEAL_STATE_DELIVERED)
	m.DealIn(types.DEAL_STATE_LAPSED)
	head, held := m.Head(), m.Held()
	raw, err := cdc.MarshalJSON(m.Export())
	require.NoError(f, err)
	f.Add(raw)
	f.Add(cdc.MustMarshalJSON(types.DefaultGenesis()))
	f.Add([]byte(`{"deals":[{"history":[{}],"draw":{}}],"pools":[{}],"validators":[{"bond":"-1"}],"next_deal_id":"18446744073709551615"}`))
	f.Add([]byte(`{"params":{"block_time":"-1s"},"deals":[{"price":"1` + string(make([]byte, 100)) + `"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var g types.GenesisState
		read := cdc.UnmarshalJSON(raw, &g) == nil
		valid := read && g.Validate() == nil
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20+2000*len(raw)), "reading it takes too much memory")
		if !valid {
			return
		}
		fresh, err := datapooltest.Start(datapooltest.Config{
			Genesis: &g, ModuleHolding: held, Start: head.Time, Height: head.Height, ChainID: head.ChainID,
		})
		if err != nil {
			return
		}
		require.NoError(t, fresh.Read(func(ctx sdk.Context, _ types.QueryServer) error { return fresh.Keeper.CheckInvariants(ctx) }))
		for range 3 {
			_, err := fresh.NextBlock(datapooltest.BlockTime)
			require.NoError(t, err)
		}
		require.NoError(t, fresh.Read(func(ctx sdk.Context, _ types.QueryServer) error { return fresh.Keeper.CheckInvariants(ctx) }))
	})
}
