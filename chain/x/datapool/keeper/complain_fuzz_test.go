package keeper_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/transfer/seal"
)

// complain runs a complaint without a trace and tells whether it convicted.
func complain(t require.TestingT, m *datapooltest.Market, msg *types.MsgComplain) bool {
	err := m.Read(func(ctx sdk.Context, _ types.QueryServer) error {
		_, err := keeper.NewMsgServer(m.Keeper).Complain(context.Context(ctx), msg)
		return err
	})
	return err == nil
}

// TestAFalseComplaintNeverConvicts takes true complaints about an honest
// dataset and one that is bad in one segment, and changes, mixes and cuts all
// that a buyer could. What is about an honest segment or box never convicts.
func TestAFalseComplaintNeverConvicts(t *testing.T) {
	const bad = 3
	spoiled := wide.SpoilSegment(bad)
	m := datapooltest.NewMarket(t, 9)
	honest := m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, wide))
	fraud := m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, spoiled))
	var about []*types.MsgComplain
	for _, i := range []uint64{0, bad, 15, 16, 17} {
		about = append(about, m.NewSegmentComplaint(honest, wide, i), m.NewSegmentComplaint(fraud, spoiled, i))
	}
	boxes := []*types.MsgComplain{m.NewBoxComplaint(honest, m.Keys[m.Pool]), m.NewBoxComplaint(fraud, m.Keys[m.Pool])}

	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string) *types.MsgComplain { return rapid.SampledFrom(about).Draw(t, name) }
		spoil := func(name string, b []byte) []byte {
			b = bytes.Clone(b)
			switch rapid.IntRange(0, 5).Draw(t, name) {
			case 0:
				b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			case 1:
				b = b[:rapid.IntRange(0, len(b)).Draw(t, "cut")]
			case 2:
				b = append(b, rapid.Byte().Draw(t, "more"))
			}
			return b
		}
		msg := &types.MsgComplain{Buyer: string(m.Buyer), DealId: rapid.SampledFrom([]uint64{honest.Id, fraud.Id}).Draw(t, "deal")}
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			box := rapid.SampledFrom(boxes).Draw(t, "box").Box
			msg.Box = &types.BoxComplaint{Opening: spoil("opening", box.Opening), Proof: spoil("proof", box.Proof)}
		} else {
			msg.Segment = &types.SegmentComplaint{
				Index:    pick("index").Segment.Index,
				BlockKey: spoil("key", pick("block key").Segment.BlockKey),
				Proof:    spoil("proof", pick("proof").Segment.Proof),
				Slice:    spoil("slice", pick("slice").Segment.Slice),
			}
		}
		if complain(t, m, msg) {
			require.NotNil(t, msg.Segment, "no box is bad")
			require.Equal(t, fraud.Id, msg.DealId)
			require.Equal(t, uint64(bad), msg.Segment.Index)
		}
	})
	require.True(t, complain(t, m, m.NewSegmentComplaint(fraud, spoiled, bad)), "the true complaint still holds")
}

// FuzzComplain gives the handler anything that decodes as a complaint about an
// honest deal: it never panics and never convicts.
func FuzzComplain(f *testing.F) {
	m := datapooltest.NewMarket(f, 9)
	sealed := datapooltest.Seal(make([]byte, seal.PlainSegment+10))
	deal := m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, sealed))
	for _, msg := range []*types.MsgComplain{
		m.NewSegmentComplaint(deal, sealed, 1), m.NewBoxComplaint(deal, m.Keys[deal.PoolId]), {Buyer: deal.Buyer, DealId: deal.Id},
	} {
		raw, err := msg.Marshal()
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var msg types.MsgComplain
		if msg.Unmarshal(raw) != nil {
			return
		}
		msg.Buyer, msg.DealId = deal.Buyer, deal.Id
		require.False(t, complain(t, m, &msg), "an honest deal was convicted")
	})
}
