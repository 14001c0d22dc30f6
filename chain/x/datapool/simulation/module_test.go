package simulation_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/kv"
	"github.com/cosmos/cosmos-sdk/types/module"
	simtypes "github.com/cosmos/cosmos-sdk/types/simulation"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/simulation"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// TestEveryMessageHasAnOperation counts: a delivery has two, one on a voucher.
func TestEveryMessageHasAnOperation(t *testing.T) {
	m := simulation.NewModule(datapooltest.New(datapooltest.Config{}).Keeper, nil, nil, simulation.EveryInvariant)
	ops := m.WeightedOperations(module.SimulationState{AppParams: simtypes.AppParams{}})
	require.Len(t, ops, reflect.TypeFor[types.MsgServer]().NumMethod()+1)
	for _, op := range ops {
		require.Positive(t, op.Weight())
	}
}

// TestTheDecoderShowsRecords holds two balances next to each other as text.
func TestTheDecoderShowsRecords(t *testing.T) {
	registry := simtypes.StoreDecoderRegistry{}
	simulation.NewModule(datapooltest.New(datapooltest.Config{}).Keeper, nil, nil, simulation.EveryInvariant).RegisterStoreDecoder(registry)
	balance := func(amount int64) kv.Pair {
		value, err := sdk.IntValue.Encode(math.NewInt(amount))
		require.NoError(t, err)
		return kv.Pair{Key: append(types.BalancesPrefix.Bytes(), "panacea1"...), Value: value}
	}
	shown := registry[types.StoreKey](balance(5), balance(7))
	require.Contains(t, shown, "5")
	require.Contains(t, shown, "7")
}
