package keeper_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
)

// events returns those of one type, of all blocks.
func events[E proto.Message](m *datapooltest.Market) (found []E) {
	all := m.Events()
	for _, b := range slices.Backward(m.Blocks(1)) {
		all = slices.Concat(b.Events, all)
	}
	for _, e := range all {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}

func TestChangedParametersEmitAnEvent(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	params := m.Export().Params
	params.JailTime = time.Hour
	m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
	require.Equal(t, []*types.EventParamsUpdated{{Authority: string(datapooltest.Authority())}}, events[*types.EventParamsUpdated](m))
	_, err := m.Exec(&types.MsgUpdateParams{Authority: string(m.Buyer), Params: params})
	require.Error(t, err)
	require.Len(t, events[*types.EventParamsUpdated](m), 1)
}

// TestEventsTellHowADealWasAcked acks by default, at the end of a block.
func TestEventsTellHowADealWasAcked(t *testing.T) {
	m := datapooltest.NewMarket(t, 1, func(p *types.MsgCreatePool) { p.AckMode = types.ACK_MODE_QUORUM })
	id := m.DealIn(types.DEAL_STATE_CERTIFIED)
	deal := m.Deal(id)
	for m.Deal(id).State == types.DEAL_STATE_CERTIFIED {
		_, err := m.NextBlock(datapooltest.BlockTime)
		require.NoError(t, err)
		require.Less(t, m.Head().Height, deal.DeadlineHeight+10)
	}
	kinds := map[types.DealState]types.AckKind{}
	for _, e := range events[*types.EventDealState](m) {
		kinds[e.State] = e.AckedBy
	}
	require.Equal(t, types.ACK_KIND_DEFAULT, kinds[types.DEAL_STATE_ACKED])
	require.Zero(t, kinds[types.DEAL_STATE_CERTIFIED])
}
