package keeper_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/chain/x/datapool/datapooltest"
	"github.com/medibloc/pdx/chain/x/datapool/types"
	"github.com/medibloc/pdx/exchange/seal"
)

// wide is a dataset of two blocks, 17 full segments and a short one.
var wide = datapooltest.Seal(make([]byte, 17*seal.PlainSegment+100))

// disputed has a delivered deal about a dataset.
func disputed(t *testing.T, sealed datapooltest.Sealed) (*datapooltest.Market, types.Deal) {
	t.Helper()
	m := datapooltest.NewMarket(t, 9)
	return m, m.Deal(m.SealedIn(types.DEAL_STATE_DELIVERED, sealed))
}

func TestComplainAboutASegmentRefusals(t *testing.T) {
	type M = types.MsgComplain
	type market = *datapooltest.Market
	const bad = 16
	spoiled := wide.SpoilSegment(bad)
	testRefusals(t, types.MsgServer.Complain, func(t *testing.T) (market, *M) {
		m, deal := disputed(t, spoiled)
		return m, m.NewSegmentComplaint(deal, spoiled, bad)
	}, []refusal[M]{
		{"no kind", func(_ market, m *M) { m.Segment = nil }, types.ErrComplaintKind},
		{"both kinds", func(_ market, m *M) { m.Box = &types.BoxComplaint{} }, types.ErrComplaintKind},
		{"no slice", func(_ market, m *M) { m.Segment.Slice = nil }, types.ErrSlice},
		{"long slice", func(_ market, m *M) { m.Segment.Slice = make([]byte, types.MaxSliceLen+1) }, types.ErrSlice},
		{"no block key", func(_ market, m *M) { m.Segment.BlockKey = nil }, types.ErrComplaint},
		{"block key is the identity", func(_ market, m *M) { m.Segment.BlockKey = make([]byte, 32) }, types.ErrComplaint},
		{"block key not canonical", func(_ market, m *M) { m.Segment.BlockKey = bytes.Repeat([]byte{0xff}, 32) }, types.ErrComplaint},
		{"short proof", func(_ market, m *M) { m.Segment.Proof = m.Segment.Proof[1:] }, types.ErrComplaint},
		{"no address", func(_ market, m *M) { m.Buyer = "" }, types.ErrAddress},
		{"no such deal", func(_ market, m *M) { m.DealId = 9 }, types.ErrDealNotFound},
		{"not the buyer", func(x market, m *M) { m.Buyer = string(x.Seller) }, types.ErrNotBuyer},
		{"acked", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_ACKED) }, types.ErrDealState},
		{"final", func(x market, m *M) { finalize(x, m.DealId) }, types.ErrDealState},
		{"convicted", func(x market, m *M) { x.Must(x.NewSegmentComplaint(x.Deal(m.DealId), spoiled, bad)) }, types.ErrDealState},
		{"late", func(x market, m *M) { x.PastDeal(m.DealId) }, types.ErrLate},
		{"no such segment", func(_ market, m *M) { m.Segment.Index = 18 }, types.ErrSegmentIndex},
		{"segment at the end of numbers", func(_ market, m *M) { m.Segment.Index = 1<<64 - 1 }, types.ErrSegmentIndex},
		{"false proof", func(_ market, m *M) { m.Segment.Proof[40] ^= 1 }, types.ErrComplaintProof},
		{"another segment of the block", func(_ market, m *M) { m.Segment.Index = 17 }, types.ErrSlice},
		{"another block", func(_ market, m *M) { m.Segment.Index = 0 }, types.ErrComplaintProof},
		{"key of another block", func(x market, m *M) {
			other := x.NewSegmentComplaint(x.Deal(m.DealId), spoiled, 0)
			m.Segment.BlockKey = other.Segment.BlockKey
		}, types.ErrComplaintProof},
		{"key of other data", func(x market, m *M) {
			other := datapooltest.Seal(make([]byte, 17*seal.PlainSegment))
			m.Segment.BlockKey = x.NewSegmentComplaint(x.Deal(m.DealId), other, bad).Segment.BlockKey
		}, types.ErrComplaintProof},
		{"proof of other data", func(x market, m *M) {
			other := datapooltest.Seal(make([]byte, 17*seal.PlainSegment))
			theirs := x.NewSegmentComplaint(x.Deal(m.DealId), other, bad).Segment
			m.Segment.BlockKey, m.Segment.Proof = theirs.BlockKey, theirs.Proof
		}, types.ErrComplaintProof},
		{"proof for another deal", func(x market, m *M) {
			deal := x.Deal(m.DealId)
			deal.Id++
			m.Segment.Proof = x.NewSegmentComplaint(deal, spoiled, bad).Segment.Proof
		}, types.ErrComplaintProof},
		{"proof by another buyer", func(x market, m *M) {
			deal := x.Deal(m.DealId)
			deal.Buyer = deal.Seller
			m.Segment.Proof = x.NewSegmentComplaint(deal, spoiled, bad).Segment.Proof
		}, types.ErrComplaintProof},
		{"slice of the sealed ciphertext, not of the certified", func(_ market, m *M) { m.Segment.Slice = wide.Slice(bad) }, types.ErrSlice},
		{"slice with another size", func(_ market, m *M) {
			binary.LittleEndian.PutUint64(m.Segment.Slice, spoiled.Dataset.Size+1)
		}, types.ErrSlice},
		{"slice with a byte after it", func(_ market, m *M) { m.Segment.Slice = append(m.Segment.Slice, 0) }, types.ErrSlice},
		{"slice cut off", func(_ market, m *M) { m.Segment.Slice = m.Segment.Slice[:len(m.Segment.Slice)-1] }, types.ErrSlice},
		{"slice with a flipped bit in the data", func(_ market, m *M) { m.Segment.Slice[len(m.Segment.Slice)-1] ^= 1 }, types.ErrSlice},
		{"slice with a flipped bit in the tree", func(_ market, m *M) { m.Segment.Slice[20] ^= 1 }, types.ErrSlice},
		{"a good segment of a bad dataset", func(x market, m *M) {
			*m = *x.NewSegmentComplaint(x.Deal(m.DealId), spoiled, 17)
		}, types.ErrSegmentOpens},
		{"a segment of a good dataset", func(x market, m *M) {
			deal := x.Deal(x.SealedIn(types.DEAL_STATE_DELIVERED, wide))
			*m = *x.NewSegmentComplaint(deal, wide, bad)
		}, types.ErrSegmentOpens},
		{"the short segment of a good dataset", func(x market, m *M) {
			deal := x.Deal(x.SealedIn(types.DEAL_STATE_DELIVERED, wide))
			*m = *x.NewSegmentComplaint(deal, wide, 17)
		}, types.ErrSegmentOpens},
	})
}

func TestComplainAboutTheBoxRefusals(t *testing.T) {
	type M = types.MsgComplain
	type market = *datapooltest.Market
	spoiled := datapooltest.Seal(nil).SpoilBox()
	testRefusals(t, types.MsgServer.Complain, func(t *testing.T) (market, *M) {
		m, deal := disputed(t, spoiled)
		return m, m.NewBoxComplaint(deal, m.Keys[deal.PoolId])
	}, []refusal[M]{
		{"no opening", func(_ market, m *M) { m.Box.Opening = nil }, types.ErrComplaint},
		{"opening is the identity", func(_ market, m *M) { m.Box.Opening = make([]byte, 32) }, types.ErrComplaint},
		{"long proof", func(_ market, m *M) { m.Box.Proof = append(m.Box.Proof, 0) }, types.ErrComplaint},
		{"not the buyer", func(x market, m *M) { m.Buyer = string(x.Validators[0]) }, types.ErrNotBuyer},
		{"acked", func(x market, m *M) { m.DealId = x.DealIn(types.DEAL_STATE_ACKED) }, types.ErrDealState},
		{"late", func(x market, m *M) { x.PastDeal(m.DealId) }, types.ErrLate},
		{"false proof", func(_ market, m *M) { m.Box.Proof[40] ^= 1 }, types.ErrComplaintProof},
		{"another M", func(_ market, m *M) {
			opening := wide.Key.Opening()
			m.Box.Opening = opening[:]
		}, types.ErrComplaintProof},
		{"M of another key than the pool's", func(x market, m *M) {
			*m = *x.NewBoxComplaint(x.Deal(m.DealId), seal.NewBuyerKey())
		}, types.ErrComplaintProof},
		{"proof for another deal", func(x market, m *M) {
			deal := x.Deal(m.DealId)
			deal.Id++
			m.Box.Proof = x.NewBoxComplaint(deal, x.Keys[deal.PoolId]).Box.Proof
		}, types.ErrComplaintProof},
		{"a box that opens", func(x market, m *M) {
			deal := x.Deal(x.DealIn(types.DEAL_STATE_DELIVERED))
			*m = *x.NewBoxComplaint(deal, x.Keys[deal.PoolId])
		}, types.ErrBoxOpens},
		{"a bad segment is not a bad box", func(x market, m *M) {
			deal := x.Deal(x.SealedIn(types.DEAL_STATE_DELIVERED, wide.SpoilSegment(0)))
			*m = *x.NewBoxComplaint(deal, x.Keys[deal.PoolId])
		}, types.ErrBoxOpens},
	})
}

// TestEveryWayToSpoilConvicts has a dataset spoiled in each fact that a
// complaint can be about, in each cipher's segment position.
func TestEveryWayToSpoilConvicts(t *testing.T) {
	boxes := map[string]func(*pdx.Dataset){
		"box":            func(d *pdx.Dataset) { d.Box[47] ^= 1 },
		"key commitment": func(d *pdx.Dataset) { d.KeyCommit[0] ^= 1 },
		"cipher":         func(d *pdx.Dataset) { d.AEAD = pdx.ChaCha20Poly1305 },
		"box of another dataset": func(d *pdx.Dataset) {
			d.Box = datapooltest.Seal(nil).Dataset.Box
		},
	}
	for name, spoil := range boxes {
		t.Run(name, func(t *testing.T) {
			sealed := datapooltest.Seal(nil)
			spoil(&sealed.Dataset)
			m, deal := disputed(t, sealed)
			m.Must(m.NewBoxComplaint(deal, m.Keys[deal.PoolId]))
			require.Equal(t, types.DEAL_STATE_FRAUD, m.Deal(deal.Id).State)
			require.Equal(t, types.COMPLAINT_KIND_BOX, m.Deal(deal.Id).Conviction.Kind)
			m.CheckInvariants()
		})
	}
	for _, i := range []uint64{0, 15, 16, 17} {
		sealed := wide.SpoilSegment(i)
		m, deal := disputed(t, sealed)
		m.Must(m.NewSegmentComplaint(deal, sealed, i))
		require.Equal(t, types.DEAL_STATE_FRAUD, m.Deal(deal.Id).State)
		require.Equal(t, i, m.Deal(deal.Id).Conviction.Segment)
	}
}

// TestConvictionMovesTheMoney follows every umed of a fraud with two validators
// that lied and one that did not certify.
func TestConvictionMovesTheMoney(t *testing.T) {
	m := datapooltest.NewMarket(t, 2, func(p *types.MsgCreatePool) { p.RequiredCertificates = 2 })
	id := m.DealIn(types.DEAL_STATE_FRAUD)
	const refund, compensation = 800_000, 1_000_000 + 100 // for one MiB

	require.Equal(t, pdx.Amount(datapooltest.Price)+deposit+refund+compensation, m.Withdrawable(m.Buyer))
	require.Equal(t, 2*stake-refund-compensation, m.Withdrawable(datapooltest.Authority()))
	require.Zero(t, m.Withdrawable(m.Seller))
	bonds := map[string]math.Int{}
	for _, v := range m.Export().Validators {
		bonds[v.Address] = v.Bond
	}
	for i, want := range []pdx.Amount{bond - stake, bond - stake, bond} {
		require.Equal(t, math.NewIntFromUint64(uint64(want)), bonds[string(m.Validators[i])])
		require.Zero(t, m.Withdrawable(m.Validators[i]), "no commission for a fraud")
	}
	conviction := m.Deal(id).Conviction
	require.Len(t, conviction.Slashed, 2)
	require.Equal(t, math.NewInt(compensation), conviction.Compensation)
	require.Equal(t, uint64(refund), conviction.Refund)
	require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()), "the books do not balance")

	pool := m.GetPool()
	require.Equal(t, uint64(1), pool.ReservedCount, "the place stays taken")
	require.Zero(t, pool.DeliveredCount)
	require.Equal(t, math.NewInt(datapooltest.Price), pool.Escrow)
	m.CheckInvariants()

	m.Restore(m.Validators[0])
	m.PastDeal(m.DealIn(types.DEAL_STATE_DELIVERED))
	nextBlock(t, m)
	require.Equal(t, types.DEAL_STATE_FRAUD, m.Deal(id).State, "nothing finalizes a fraud")
	m.CheckInvariants()
}

// TestFraudInAFilledPool leaves the pool as it ended: the buyer has its money.
func TestFraudInAFilledPool(t *testing.T) {
	m := datapooltest.NewMarket(t, 1)
	m.DealIn(types.DEAL_STATE_FRAUD)
	require.Equal(t, types.POOL_STATUS_FILLED, m.GetPool().Status)
	require.Zero(t, m.GetPool().DeliveredCount)
	m.CheckInvariants()
	_, err := m.Exec(m.NewOffer(m.Pool, m.Seller, datapooltest.Seal(nil), m.Validators...))
	requireError(t, err, types.ErrPoolNotOpen)
}

// TestTheBuyerIsPaidInOrder tries stakes that are too small for all that a buyer gets: the
// refund comes before the compensation, and the community gets the rest.
func TestTheBuyerIsPaidInOrder(t *testing.T) {
	for _, row := range []struct {
		name                    string
		complaint, base, perMib uint64
		fraction                uint32
		stake, buyer, community pdx.Amount
	}{
		{"nothing", 0, 0, 0, 0, 0, 0, 0},
		{"no stake", 0, 1_000_000, 100, 0, 0, 0, 0},
		{"part of the price", 0, 400_000, 0, 1_000, 1_000_000, 400_000, 600_000},
		{"all of the price", 0, 0, 0, 10_000, 10_000_000, 0, 10_000_000},
		{"refund and a part of the compensation", 300_000, 500_000, 0, 0, 600_000, 600_000, 0},
		{"refund, compensation and a rest", 300_000, 100_000, 10, 0, 600_000, 400_010, 199_990},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := datapooltest.NewMarket(t, 1)
			params := datapooltest.Params()
			params.SegmentComplaintCost, params.BoxComplaintCost, params.ChallengeCost = row.complaint, row.complaint, 0
			params.CompensationBase, params.CompensationPerMib = row.base, row.perMib
			params.SlashFractionBp = row.fraction
			m.Must(&types.MsgUpdateParams{Authority: string(datapooltest.Authority()), Params: params})
			m.DealIn(types.DEAL_STATE_FRAUD)
			require.Equal(t, uint64(bond-row.stake), m.Validator(m.Validators[0]).Bond.Uint64())
			require.Equal(t, datapooltest.Price+deposit+row.buyer, m.Withdrawable(m.Buyer))
			require.Equal(t, row.community, m.Withdrawable(datapooltest.Authority()))
			require.Equal(t, m.Export().Owed().Uint64(), uint64(m.Held()))
			m.CheckInvariants()
		})
	}
}

// TestAConvictionNeedsNoValidatorRecord takes the record of the one to slash away.
func TestAConvictionNeedsNoValidatorRecord(t *testing.T) {
	m, deal := disputed(t, datapooltest.Seal(nil).SpoilBox())
	forget(m, m.Validators[0])
	m.Must(m.NewBoxComplaint(deal, m.Keys[deal.PoolId]))
	require.Equal(t, types.DEAL_STATE_FRAUD, m.Deal(deal.Id).State)
	require.Equal(t, pdx.Amount(datapooltest.Price)+deposit, m.Withdrawable(m.Buyer))
}

func finalize(m *datapooltest.Market, id uint64) {
	m.PastDeal(id)
	m.Must(&types.MsgFinalize{Sender: string(datapooltest.Account("anyone")), DealId: id})
}
