package client

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

func plainEvent(kind string, pairs ...string) abci.Event {
	e := abci.Event{Type: kind}
	for i := 0; i < len(pairs); i += 2 {
		e.Attributes = append(e.Attributes, abci.EventAttribute{Key: pairs[i], Value: pairs[i+1]})
	}
	return e
}

func moduleEvent(t *testing.T, m proto.Message) abci.Event {
	t.Helper()
	e, err := sdk.TypedEventToEvent(m)
	require.NoError(t, err)
	return abci.Event(e)
}

// TestMovements reads what a block says of an account's money, and of nobody else's.
func TestMovements(t *testing.T) {
	const me, other = "panacea1me", "panacea1other"
	credited := func(to, amount string, deal uint64) abci.Event {
		return moduleEvent(t, &types.EventCredited{Address: to, Amount: amount, DealId: deal})
	}
	state := func(deal uint64) abci.Event { return moduleEvent(t, &types.EventDealState{PoolId: 1, DealId: deal}) }
	fee := func(payer string) []abci.Event {
		return []abci.Event{
			plainEvent("coin_spent", "spender", payer, "amount", "500umed"), plainEvent("coin_received", "receiver", "fees", "amount", "500umed"),
			plainEvent("tx", "fee", "500umed", "fee_payer", payer),
		}
	}
	results := &coretypes.ResultBlockResults{
		TxsResults: []*abci.ExecTxResult{
			{Events: append(fee(me), plainEvent("coin_spent", "spender", me, "amount", "1000000umed"), state(7))}, // an offer
			{Events: append(fee(me), state(8), state(9), state(8))},                                               // an ack of two
			{Code: 5, Events: append(fee(me), credited(me, "9", 7))},                                              // failed
			{Events: append(fee(other), plainEvent("coin_spent", "spender", other, "amount", "7umed"), state(10), credited(me, "40", 10))},
			{Events: append(fee(me), plainEvent("coin_spent", "spender", me, "amount", "33umed"))}, // a transfer, no message of the module
		},
		FinalizeBlockEvents: []abci.Event{
			credited(me, "60", 11), credited(other, "1", 11), credited(me, "5", 0),
			moduleEvent(t, &types.EventSlashed{Validator: me, DealId: 12, Amount: "3", Bond: "1"}),
		},
	}
	got, err := movements(me, results)
	require.NoError(t, err)
	require.Equal(t, []Movement{
		{FeePaid, []pdx.DealID{7}, 500},
		{PaidIn, []pdx.DealID{7}, 1_000_000},
		{FeePaid, []pdx.DealID{8, 9}, 500},
		{FeePaid, nil, 500},
		{Credited, []pdx.DealID{10}, 40},
		{FeePaid, nil, 500},
		{Credited, []pdx.DealID{11}, 60},
		{Credited, nil, 5},
		{Slashed, []pdx.DealID{12}, 3},
	}, got)

	got, err = movements("", results)
	require.NoError(t, err)
	require.Empty(t, got, "a reader has no money")
	results.FinalizeBlockEvents = []abci.Event{credited(me, "much", 1)}
	_, err = movements(me, results)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
	results.FinalizeBlockEvents = []abci.Event{plainEvent(eventPrefix+"EventCredited", "address", "{")}
	_, err = movements(me, results)
	require.ErrorIs(t, err, pdx.ErrCorrupt)
}

// TestFeesAreEstimatedForEachMessage: the names are those of the module's messages.
func TestFeesAreEstimatedForEachMessage(t *testing.T) {
	for name := range typicalGas {
		require.NotNil(t, proto.MessageType(eventPrefix+name), name)
	}
}
