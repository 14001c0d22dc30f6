package keeper_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/keeper"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// complain runs a complaint without a trace and reports whether it convicted.
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

// FuzzAnyComplaint gives the handler anything that decodes as a complaint about an
// honest deal: it never panics and never convicts.
func FuzzAnyComplaint(f *testing.F) {
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

// accused are a delivered deal, what its seller sealed, and a true complaint
// about each of its segments and, at the end, its box: true in all but that what
// they are about may open.
type accused struct {
	judge
	deal       types.Deal
	complaints []*types.MsgComplain
}

// court returns a market with a deal for each way in which a seller can be honest or
// not. About which segments and boxes of theirs a complaint is right is known by
// an implementation that shares nothing with the module's.
func court(t testing.TB) (*datapooltest.Market, []accused) {
	m := datapooltest.NewMarket(t, 20)
	plain := bytes.Repeat([]byte{7}, 16*seal.PlainSegment+100)
	short := plain[:seal.PlainSegment+9]
	var all []accused
	for i, row := range []struct {
		plain []byte
		aead  pdx.AEAD
		spoil func(datapooltest.Sealed) datapooltest.Sealed
	}{
		{plain, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { return s }},
		{short, pdx.ChaCha20Poly1305, func(s datapooltest.Sealed) datapooltest.Sealed { return s }},
		{nil, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { return s }},
		{plain, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { return s.SpoilSegment(16) }},
		{plain, pdx.ChaCha20Poly1305, func(s datapooltest.Sealed) datapooltest.Sealed { return s.SpoilSegment(2) }},
		{short, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { // a tag
			return s.Rewrite(func(b []byte) { b[len(b)-1] ^= 0x80 })
		}},
		{plain, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { // two segments in each other's place
			return s.Rewrite(func(b []byte) {
				first := bytes.Clone(b[:seal.SegmentSize])
				copy(b, b[seal.SegmentSize:2*seal.SegmentSize])
				copy(b[seal.SegmentSize:], first)
			})
		}},
		{short, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { // noise
			return s.Rewrite(func(b []byte) { clear(b) })
		}},
		{short, pdx.AES256GCM, datapooltest.Sealed.SpoilBox},
		{short, pdx.ChaCha20Poly1305, func(s datapooltest.Sealed) datapooltest.Sealed { s.Dataset.KeyCommit[5] ^= 1; return s }},
		{short, pdx.AES256GCM, func(s datapooltest.Sealed) datapooltest.Sealed { s.Dataset.Commitment[5] ^= 1; return s }},
	} {
		seed, nonce := [32]byte{1, byte(i)}, [32]byte{2, byte(i)}
		sealed := row.spoil(datapooltest.SealWith(keyOf(t, seed, nonce), row.aead, row.plain))
		a := accused{judge: newJudge(seed, nonce, sealed), deal: m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, sealed))}
		for i := range seal.Segments(sealed.Dataset.Size) {
			a.complaints = append(a.complaints, m.NewSegmentComplaint(a.deal, sealed, i))
		}
		all = append(all, accused{a.judge, a.deal, append(a.complaints, m.NewBoxComplaint(a.deal, m.Keys[m.Pool]))})
	}
	return m, all
}

// guilty reports whether a complaint of a deal is right.
func (a accused) guilty(i int) bool {
	if i == len(a.complaints)-1 {
		return !a.boxOpens()
	}
	return !a.opens(uint64(i))
}

// TestTheModuleJudgesAsTheSpecification brings every true complaint about every
// segment and box: the module convicts exactly what does not open.
func TestTheModuleJudgesAsTheSpecification(t *testing.T) {
	m, all := court(t)
	guilty := 0
	for _, a := range all {
		for i, msg := range a.complaints {
			require.Equal(t, a.guilty(i), complain(t, m, msg), "deal %d, complaint %d", a.deal.Id, i)
			if a.guilty(i) {
				guilty++
			}
		}
	}
	require.Equal(t, 1+1+1+2+2+1+1, guilty)
}

// FuzzComplain begins with true complaints and changes, mixes and cuts what a
// buyer could, as the fuzzer says: the deal, the complaint, and three bytes for
// each step. Whatever is convicted does not open, by a second implementation.
func FuzzComplain(f *testing.F) {
	m, all := court(f)
	for deal := range all {
		for step := range byte(9) {
			f.Add([]byte{byte(deal), 255, step, 3, 9})
			f.Add([]byte{byte(deal), 1, step, 200, 9, step + 1, 1, 1})
		}
		f.Add([]byte{byte(deal), 0})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 2 {
			return
		}
		a := all[int(b[0])%len(all)]
		about := int(b[1]) % len(a.complaints)
		msg := copyOf(a.complaints[about])
		for steps := b[2:]; len(steps) >= 3; steps = steps[3:] {
			spoilComplaint(m, all, msg, steps[0], steps[1], steps[2])
		}
		convicted := complain(t, m, msg)
		if !convicted {
			require.False(t, a.guilty(about) && proto.Equal(msg, a.complaints[about]), "a true complaint was refused")
			return
		}
		for _, other := range all {
			if other.deal.Id == msg.DealId && msg.Box != nil {
				require.False(t, other.boxOpens(), "convicted for a box that opens")
			} else if other.deal.Id == msg.DealId {
				require.False(t, other.opens(msg.Segment.Index), "convicted for segment %d, which opens", msg.Segment.Index)
			}
		}
	})
}

func copyOf(msg *types.MsgComplain) *types.MsgComplain { return proto.Clone(msg).(*types.MsgComplain) }

// spoilComplaint changes one thing about a complaint.
func spoilComplaint(m *datapooltest.Market, all []accused, msg *types.MsgComplain, what, x, y byte) {
	from := all[int(x)%len(all)]
	other := from.complaints[int(y)%len(from.complaints)]
	fields, theirs := fieldsOf(msg), fieldsOf(other)
	field := fields[int(x)%len(fields)]
	switch what % 9 {
	case 0: // a byte, near the beginning of the field or anywhere
		if n := len(*field); n > 0 {
			at := min(int(y), n-1)
			if x >= 128 {
				at = (n - 1) * int(y) / 255
			}
			(*field)[at] ^= 1 << (x / 16 % 8)
		}
	case 1:
		*field = (*field)[:len(*field)*int(y)/255]
	case 2:
		*field = append(*field, y)
	case 3: // a field of another complaint
		*field = bytes.Clone(*theirs[int(x)%len(theirs)])
	case 4:
		msg.DealId = from.deal.Id
	case 5:
		if msg.Segment != nil {
			msg.Segment.Index = uint64(y)
		}
	case 6:
		msg.Buyer = []string{string(m.Buyer), string(m.Seller), "", "panacea1"}[y%4]
	case 7: // both kinds, or none
		if msg.Box, msg.Segment = copyOf(other).Box, nil; x%2 == 0 {
			msg.Segment = copyOf(other).Segment
		}
	case 8: // a key of the exchange where another one belongs
		*field = bytes.Clone([][]byte{from.deal.BuyerKey, from.deal.Delivery.D1, from.deal.Delivery.D2, from.deal.Dataset.DatasetKey}[y%4])
	}
}

// fieldsOf returns the byte fields of a complaint; one that a complaint of no kind
// lacks changes nothing.
func fieldsOf(msg *types.MsgComplain) []*[]byte {
	switch {
	case msg.Segment != nil:
		return []*[]byte{&msg.Segment.BlockKey, &msg.Segment.Proof, &msg.Segment.Slice}
	case msg.Box != nil:
		return []*[]byte{&msg.Box.Opening, &msg.Box.Proof}
	default:
		return []*[]byte{new([]byte)}
	}
}
